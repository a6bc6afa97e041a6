import Volumetry

/// Files `.msa` and `.emsa` (ISO 22029: EMSA/MAS standard file format for spectral data exchange).
enum EMSAFile {
  static func parse(_ lines: [Substring], _ file: String) throws(VoxelithError) -> MultichannelSpectra {
    var spectra = MultichannelSpectra(kind: "EMSA/MAS", counts: [])
    var keys: [String: String] = [:]
    var units: [String: String] = [:]
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
      guard !isData, parts.count == 2 else { continue }
      keys[key] = String(parts[1].trimmed)
      if let unit = parts[0].split(separator: "-", maxSplits: 1).dropFirst().first {
        units[key] = String(unit.trimmed)
      }
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
    if let time = number("LIVETIME") {
      let scale = try Units.factor(
        of: units["LIVETIME"], .time, assumed: 1, what: "the live time", option: "--live-time", file: file,
        place: "#LIVETIME")
      spectra.liveTimes = [time * scale]
    }
    spectra.unitSpelling = keys["YUNITS"].flatMap { $0.isEmpty ? nil : $0 } ?? units["YUNITS"] ?? ""
    spectra.unit = try CountUnit.read(spectra.unitSpelling, file: file, place: "#YUNITS")
    let energyUnit = keys["XUNITS"].flatMap { $0.isEmpty ? nil : $0 } ?? units["XUNITS"] ?? ""
    guard let scale = Units.factor(energyUnit, .energy) else {
      throw Units.notUnderstood(
        String(energyUnit.prefix(20)), .energy, what: "the energies",
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
