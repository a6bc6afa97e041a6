import Volumetry

/// Files `.mca` of Amptek's programs: sections in `<<...>>`, settings as `NAME - value`.
enum AmptekFile {
  static func parse(_ lines: [Substring], _ file: String) throws(VoxelithError) -> MultichannelSpectra {
    var spectra = MultichannelSpectra(kind: "Amptek MCA", counts: [])
    var section = ""
    var points: [(channel: Double, energy: Double)] = []
    var unit = "keV"
    var values: [Double] = []
    for (number, raw) in lines.enumerated() {
      let line = raw.trimmed
      if line.hasPrefix("<<") {
        section = line.filter { $0 != "<" && $0 != ">" }
        if section == "END" { break }
        continue
      }
      switch section {
      case "PMCA SPECTRUM":
        if line.hasPrefix("LIVE_TIME - "), let time = Double(line.dropFirst(12).replacing(",", with: ".")) {
          spectra.liveTimes = [time]
        }
      case "CALIBRATION":
        if line.hasPrefix("LABEL - ") { unit = String(line.dropFirst(8)) }
        let pair = MultichannelSpectra.numbers(line)
        if pair.count == 2 { points.append((pair[0], pair[1])) }
      case "DATA": values += try MultichannelSpectra.counts(line, number: number, file: file)
      default: break
      }
    }
    spectra.counts = [values]
    if points.count >= 2 {
      // The label is that of the axis: one that still says channel does not tell the unit, which Amptek's programs take for keV.
      let scale = try Units.factor(
        of: Units.isChannel(unit) ? nil : unit, .energy, assumed: 1, what: "the energy calibration",
        option: "--energy-coefficients", file: file, place: "LABEL")
      // Channels that stand for themselves are no calibration.
      if points.contains(where: { $0.channel != $0.energy }) {
        spectra.coefficients = line(through: points).map { $0 * scale }
      }
    }
    return spectra
  }

  /// The straight line of least squares.
  private static func line(through points: [(channel: Double, energy: Double)]) -> [Double] {
    let count = Double(points.count)
    let x = points.reduce(0) { $0 + $1.channel } / count
    let y = points.reduce(0) { $0 + $1.energy } / count
    let squares = points.reduce(0) { $0 + ($1.channel - x) * ($1.channel - x) }
    guard squares > 0 else { return [] }
    let slope = points.reduce(0) { $0 + ($1.channel - x) * ($1.energy - y) } / squares
    return [y - slope * x, slope]
  }
}

extension Substring {
  /// Without blanks at its ends.
  var trimmed: Substring {
    var text = self
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return text.drop { $0.isWhitespace }
  }
}
