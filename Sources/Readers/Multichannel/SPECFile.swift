import Volumetry

/// Spectra in the scans of a SPEC file: lines `@A` of counts, calibrated by `#@CALIB` (certif.com, "Standard data file format";
/// ESRF and PyMca write it so). The line of counters before or after a spectrum tells where its point lies.
enum SPECFile {
  static func parse(
    _ lines: [Substring], _ file: String, _ options: SpectralOpenOptions
  ) throws(VoxelithError) -> MultichannelSpectra {
    var scans: [SPECScan] = []
    var open: [Double]?
    func scan(_ change: (inout SPECScan) -> Void) {
      if scans.isEmpty { scans.append(SPECScan(number: 1, order: 1, command: "")) }
      change(&scans[scans.count - 1])
    }
    for (number, raw) in lines.enumerated() {
      var line = raw.trimmed
      if open == nil, line.hasPrefix("#") {
        let fields = line.split(whereSeparator: \.isWhitespace)
        switch fields.first {
        case "#S":
          let id = fields.dropFirst().first.flatMap { Int($0) } ?? scans.count + 1
          scans.append(
            SPECScan(
              number: id, order: scans.count { $0.number == id } + 1,
              command: String(line.dropFirst(3).trimmed)))
        case "#L": scan { $0.names = SPECScan.names(line.dropFirst(2), count: $0.columnCount) }
        case "#N": scan { $0.columnCount = fields.dropFirst().first.flatMap { Int($0) } }
        case "#@CALIB": scan { $0.calibrations.append(MultichannelSpectra.numbers(line.dropFirst(7))) }
        case "#@CHANN":
          let channels = MultichannelSpectra.numbers(line.dropFirst(7))
          if channels.count >= 2, let first = Int(exactly: channels[1]), abs(first) < 1 << 24 {
            scan { $0.firstChannel = first }
          }
        // Preset, live and real time.
        case "#@CTIME":
          let times = MultichannelSpectra.numbers(line.dropFirst(7))
          if times.count >= 2 { scan { $0.liveTimes.append(times[1]) } }
        default: break
        }
        continue
      }
      if line.hasPrefix("@A") {
        // `@A1`, `@A2`, ... number the detectors of a point.
        let mark = line.dropFirst(2).prefix { $0.isNumber }
        scan { $0.begin(detector: Int(mark) ?? 0) }
        open = []
        line = line.dropFirst(2 + mark.count)
      }
      guard var values = open else {
        if line.first.map({ $0.isNumber || "+-.".contains($0) }) == true {
          let row = MultichannelSpectra.numbers(line)
          scan { $0.rows.append(row) }
        }
        continue
      }
      let goesOn = line.hasSuffix("\\")
      values += try MultichannelSpectra.counts(goesOn ? line.dropLast() : line, number: number, file: file)
      if !goesOn { scan { $0.add(values) } }
      open = goesOn ? values : nil
    }
    return try chosen(scans.filter { !$0.detectors.isEmpty }, file, options).spectra(file, options)
  }

  /// The scan that is meant: the only one with spectra, or that which `--dataset` names by its number.
  private static func chosen(
    _ scans: [SPECScan], _ file: String, _ options: SpectralOpenOptions
  ) throws(VoxelithError) -> SPECScan {
    guard !scans.isEmpty else {
      throw VoxelithError(.data, "the SPEC file holds no spectra", file: file)
    }
    var fitting = scans
    if let wanted = options.dataset {
      let parts = wanted.drop { $0 == "/" }.split(separator: ".").map(String.init)
      fitting = scans.filter { scan in
        parts.first == "\(scan.number)" && (parts.count == 1 || parts[1] == "\(scan.order)")
      }
    }
    guard let only = fitting.first, fitting.count == 1 else {
      let names = scans.prefix(8).map { "\($0.number).\($0.order) (\($0.command.prefix(60)))" }.joined(
        separator: ", ")
      throw VoxelithError(
        options.dataset == nil ? .data : .usage,
        options.dataset.map { "the SPEC file has \(fitting.count) scans '\($0)' with spectra" }
          ?? "the SPEC file holds spectra in \(scans.count) scans",
        file: file,
        advice:
          "name one with --dataset NUMBER (in a table of standards: put it into a file of its own); it holds \(names)"
      )
    }
    return only
  }
}

/// One scan of a SPEC file.
struct SPECScan {
  var number: Int
  /// Which of the scans of this number it is, from 1.
  var order: Int
  var command: String
  var names: [String] = []
  var columnCount: Int?
  var firstChannel = 0
  var calibrations: [[Double]] = []
  var liveTimes: [Double] = []
  /// Lines of counters.
  var rows: [[Double]] = []
  /// Spectra by the number of their detector, in the order of the points.
  var detectors: [Int: [[Double]]] = [:]
  private var current = 0

  init(number: Int, order: Int, command: String) {
    (self.number, self.order, self.command) = (number, order, command)
  }

  mutating func begin(detector: Int) { current = detector }
  mutating func add(_ spectrum: [Double]) { detectors[current, default: []].append(spectrum) }

  /// Names of columns stand two blanks apart, since they may hold one; one blank where that does not give their number.
  static func names(_ line: Substring, count: Int?) -> [String] {
    var wide: [String] = []
    for part in String(line).replacing("\t", with: "  ").split(separator: "  ") {
      let name = part[...].trimmed
      if !name.isEmpty { wide.append(String(name)) }
    }
    let narrow = line.split(whereSeparator: \.isWhitespace).map(String.init)
    if let count, wide.count != count, narrow.count == count { return narrow }
    return wide.count == 1 ? narrow : wide
  }

  fileprivate func spectra(
    _ file: String, _ options: SpectralOpenOptions
  ) throws(VoxelithError) -> MultichannelSpectra {
    func refuse(_ message: String, _ advice: String? = nil) -> VoxelithError {
      VoxelithError(.data, message, file: file, place: "scan \(number).\(order)", advice: advice)
    }
    var spectra = MultichannelSpectra(kind: "SPEC", counts: [])
    spectra.firstChannel = firstChannel
    spectra.command = command
    let known = detectors.keys.sorted()
    var chosen = known
    if known.count > 1 || options.detector != nil {
      guard let choice = options.detector else {
        throw refuse(
          "the points have spectra of \(known.count) detectors (@A\(known.map(String.init).joined(separator: ", @A")))",
          "choose with --detector N, counted from 0, or add them up with --detector sum")
      }
      guard let places = choice.chosen(of: known.count) else {
        throw VoxelithError(
          .usage, "there is no detector \(choice.text): there are \(known.count), counted from 0", file: file)
      }
      chosen = places.map { known[$0] }
    }
    let own = chosen.compactMap { detectors[$0] }
    guard let points = own.first?.count, own.allSatisfy({ $0.count == points }) else {
      throw refuse("the detectors have unlike numbers of spectra")
    }
    spectra.counts = own[0]
    for other in own.dropFirst() {
      for point in 0..<points {
        guard other[point].count == spectra.counts[point].count else {
          throw refuse("the detectors have unlike numbers of channels")
        }
        for channel in other[point].indices { spectra.counts[point][channel] += other[point][channel] }
      }
    }
    let calibration = calibrations.count == known.count ? chosen.compactMap { known.firstIndex(of: $0) } : [0]
    let used = calibration.compactMap { calibrations.indices.contains($0) ? calibrations[$0] : nil }
    guard Set(used).count <= 1 else {
      throw refuse(
        "the detectors have calibrations of their own: their channels cannot be added up",
        "choose with --detector N")
    }
    spectra.coefficients = used.first ?? calibrations.first ?? []
    // One for all, or one for each spectrum.
    if liveTimes.count == points * known.count, let first = known.firstIndex(of: chosen.first ?? 0),
      known.count > 1
    {
      spectra.liveTimes = (0..<points).map { liveTimes[$0 * known.count + first] }
    } else if liveTimes.count == points || liveTimes.count == 1 {
      spectra.liveTimes = liveTimes
    } else if Set(liveTimes).count == 1 {
      spectra.liveTimes = Array(liveTimes.prefix(1))
    } else if !liveTimes.isEmpty {
      throw refuse(
        "the scan has \(points) points and \(liveTimes.count) live times (#@CTIME)",
        "give the live time with --live-time")
    }
    // The last line may belong to a spectrum that was not written any more.
    var lines = rows.filter { $0.count == names.count }
    if lines.count == points + 1 { lines.removeLast() }
    if lines.count == points {
      spectra.columns = names.indices.map { column in (names[column], lines.map { $0[column] }) }
    }
    return spectra
  }
}
