import Volumetry

/// Files `.msa` and `.emsa` (ISO 22029: EMSA/MAS standard file format for spectral data exchange).
enum EMSAFile {
  static func parse(_ lines: [Substring], _ file: String) throws(VoxelithError) -> MultichannelSpectra {
    var spectra = MultichannelSpectra(kind: "EMSA/MAS", counts: [])
    var keys: [String: String] = [:]
    var isData = false
    var values: [Double] = []
    for (number, raw) in lines.enumerated() {
      let line = raw.trimmed
      guard line.hasPrefix("#") else {
        if isData { values += try MultichannelSpectra.counts(line, number: number, file: file) }
        continue
      }
      let parts = line.dropFirst().split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      // What stands behind a key may be its unit: `#BEAMKV -kV`.
      let key = parts[0].prefix { $0.isLetter || $0.isNumber }.uppercased()
      if key == "ENDOFDATA" { break }
      if key == "SPECTRUM" { isData = true }
      if !isData, parts.count == 2 { keys[key] = String(parts[1].trimmed) }
    }
    func number(_ key: String) -> Double? { keys[key].flatMap { Double($0) } }
    let isPairs = keys["DATATYPE"]?.uppercased() == "XY"
    let counts = isPairs ? stride(from: 1, to: values.count, by: 2).map { values[$0] } : values
    if let points = number("NPOINTS"), points != Double(counts.count) {
      throw VoxelithError(
        .data,
        "the EMSA/MAS file holds \(counts.count) points where it says \(Int(exactly: points.rounded()) ?? 0): it is truncated or damaged",
        file: file)
    }
    spectra.counts = [counts]
    if let time = number("LIVETIME") { spectra.liveTimes = [time] }
    guard let scale = Units.factor(keys["XUNITS"] ?? "", .energy) else {
      throw Units.notUnderstood(
        String((keys["XUNITS"] ?? "").prefix(20)), .energy, what: "the energies",
        option: "--energy-coefficients", file: file, place: "#XUNITS")
    }
    if isPairs {
      spectra.energies = stride(from: 0, to: values.count, by: 2).map { values[$0] * scale }
    } else if let width = number("XPERCHAN") {
      spectra.coefficients = [(number("OFFSET") ?? 0) * scale, width * scale]
    }
    return spectra
  }
}
