import Volumetry

/// Spectra of a multichannel analyser as its text file has them: counts by channel, a calibration and times.
struct MultichannelSpectra {
  /// What the file is called in messages.
  var kind: String
  /// One spectrum, or several that were recorded one after the other; all have the same number of channels.
  var counts: [[Double]]
  /// Number of the first channel.
  var firstChannel = 0
  /// Energy of channel `c` in keV: `coefficients[0] + coefficients[1] c + ...`; empty where the file has none.
  var coefficients: [Double] = []
  /// Energies in keV where the file has them one by one.
  var energies: [Double]?
  /// Live time of each spectrum in seconds; empty where the file has none.
  var liveTimes: [Double] = []
  /// Unit of the numbers, and how the file spells it.
  var unit = CountUnit.counts
  var unitSpelling = ""
  /// What the file tells of every spectrum beside it: positions of motors and counters.
  var columns: [(name: String, values: [Double])] = []
  /// Coefficients that the file gives beside those that are taken, by the section that has them.
  var otherCoefficients: (section: String, values: [Double])?
  /// The command of the scan.
  var command = ""

  /// The spectra of a text file of a kind that is known by its first lines; nil for other files.
  ///
  /// - Throws: `data` where the file is of such a kind and damaged.
  static func read(
    _ path: String, options: SpectralOpenOptions = SpectralOpenOptions()
  ) throws(VoxelithError) -> MultichannelSpectra? {
    let file = try InputFile(path)
    let head = FileText.whole(try file.bytes(at: 0, count: 4096))
    guard let read = parser(head) else { return nil }
    guard file.size <= 1 << 28 else {
      throw VoxelithError(.data, "a text of \(file.size) bytes is too large for spectra", file: path)
    }
    let text = FileText.whole(try file.bytes(at: 0, count: file.size))
    let spectra = try read(
      text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline), path, options)
    guard let channels = spectra.counts.first?.count, channels >= 2 else {
      throw VoxelithError(.data, "the \(spectra.kind) file holds no spectrum", file: path)
    }
    guard spectra.counts.allSatisfy({ $0.count == channels }) else {
      throw VoxelithError(
        .data, "the spectra of the \(spectra.kind) file have unlike numbers of channels", file: path)
    }
    return spectra
  }

  typealias Parser = ([Substring], String, SpectralOpenOptions) throws(VoxelithError) -> MultichannelSpectra

  static func parser(_ head: String) -> Parser? {
    if head.hasPrefix("<<PMCA SPECTRUM>>") {
      return { (lines, file, _) throws(VoxelithError) in try AmptekFile.parse(lines, file) }
    }
    if head.uppercased().contains("#FORMAT") && head.uppercased().contains("EMSA/MAS") {
      return { (lines, file, _) throws(VoxelithError) in try EMSAFile.parse(lines, file) }
    }
    if head.hasPrefix("$"), head.contains("$DATA:") || head.contains("$SPEC_ID:") {
      return { (lines, file, _) throws(VoxelithError) in try SPEFile.parse(lines, file) }
    }
    if head.hasPrefix("#F ") || head.hasPrefix("#S ") { return SPECFile.parse }
    return nil
  }

  /// The energies of the channels in keV, the lowest first, and whether the file has them the other way round.
  ///
  /// - Parameter given: coefficients that go before those of the file.
  /// - Throws: `data` where the file has no calibration.
  func axis(
    _ given: [Double]? = nil, file: String
  ) throws(VoxelithError) -> (axis: EnergyAxis, isReversed: Bool) {
    if given == nil, let energies {
      let falls = zip(energies, energies.dropFirst()).allSatisfy { $0 > $1 }
      return (try EnergyAxis(centers: falls ? energies.reversed() : energies, file: file), falls)
    }
    let polynomial = given ?? coefficients
    guard polynomial.count >= 2, polynomial.dropFirst().contains(where: { $0 != 0 }) else {
      throw VoxelithError(
        .data, "the \(kind) file has no energy calibration: its bins are channels and not keV", file: file,
        advice:
          "calibrate it in its program, or give --energy-coefficients (keV at channel 0, keV a channel)")
    }
    let channels = (firstChannel..<(firstChannel + counts[0].count)).map(Double.init)
    let found = try EnergyPolynomial(polynomial).axis(channels: channels, file: file)
    return (found.0, found.1)
  }

  /// The only spectrum, as a standard has it.
  ///
  /// - Throws: `data` where there are several.
  func spectrum(file: String) throws(VoxelithError) -> Spectrum {
    guard counts.count == 1 else {
      throw VoxelithError(
        .data, "the \(kind) file holds \(counts.count) spectra where one is needed", file: file)
    }
    let (axis, isReversed) = try axis(file: file)
    var acquisition = Acquisition()
    acquisition.liveTime = liveTimes.first
    try unit.check(acquisition: acquisition, file: file)
    let factor = unit.factor * (unit.isRate ? liveTimes.first ?? 1 : 1)
    let values = factor == 1 ? counts[0] : counts[0].map { $0 * factor }
    return try Spectrum(
      energy: axis, counts: isReversed ? values.reversed() : values, liveTime: liveTimes.first, file: file)
  }

  /// Numbers of a line.
  static func numbers(_ line: some StringProtocol) -> [Double] {
    line.split { $0 == " " || $0 == "\t" || $0 == "," || $0 == ";" }.compactMap { Double($0) }
  }

  /// The numbers of a line of counts.
  ///
  /// - Throws: `data` at something that is no number.
  static func counts(_ line: Substring, number: Int, file: String) throws(VoxelithError) -> [Double] {
    let fields = line.split { $0 == " " || $0 == "\t" || $0 == "," || $0 == ";" }
    var values: [Double] = []
    for field in fields {
      guard let value = Double(field), value.isFinite else {
        throw VoxelithError(
          .data, "'\(field.prefix(20))' is not a number of counts", file: file, place: "line \(number + 1)")
      }
      values.append(value)
    }
    return values
  }
}
