import Volumetry

/// Spectra in the scans of a SPEC file: lines `@A` of counts, calibrated by `#@CALIB` (certif.com, "Standard data file format";
/// ESRF and PyMca write it so).
enum SPECFile {
  static func parse(_ lines: [Substring], _ file: String) throws(VoxelithError) -> MultichannelSpectra {
    var scans: [(name: String, spectra: MultichannelSpectra)] = []
    var open: [Double]?
    func scan(_ change: (inout MultichannelSpectra) -> Void) {
      if scans.isEmpty { scans.append(("", MultichannelSpectra(kind: "SPEC", counts: []))) }
      change(&scans[scans.count - 1].spectra)
    }
    for (number, raw) in lines.enumerated() {
      var line = raw.trimmed
      if open == nil, line.hasPrefix("#") {
        let fields = line.split(whereSeparator: \.isWhitespace)
        switch fields.first {
        case "#S":
          scans.append((String(line.dropFirst(3).prefix(60)), MultichannelSpectra(kind: "SPEC", counts: [])))
        case "#@CALIB": scan { $0.coefficients = MultichannelSpectra.numbers(line.dropFirst(7)) }
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
        open = []
        line = line.dropFirst(2)
        // `@A1`, `@A2`, ... number the detectors of a point.
        line = line.drop { $0.isNumber }
      }
      guard var values = open else { continue }
      let goesOn = line.hasSuffix("\\")
      values += try MultichannelSpectra.counts(goesOn ? line.dropLast() : line, number: number, file: file)
      if !goesOn { scan { $0.counts.append(values) } }
      open = goesOn ? values : nil
    }
    let full = scans.filter { !$0.spectra.counts.isEmpty }
    guard let only = full.first, full.count == 1 else {
      let names = full.prefix(8).map(\.name).joined(separator: "; ")
      throw VoxelithError(
        .data,
        full.isEmpty
          ? "the SPEC file holds no spectra" : "the SPEC file holds spectra in \(full.count) scans: \(names)",
        file: file, advice: full.isEmpty ? nil : "put the one that is meant into a file of its own")
    }
    var spectra = only.spectra
    if spectra.liveTimes.count != spectra.counts.count {
      spectra.liveTimes = Array(spectra.liveTimes.prefix(1))
    }
    return spectra
  }
}
