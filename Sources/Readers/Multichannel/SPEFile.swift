import Volumetry

/// Files `.spe` of text, as ORTEC's and the IAEA's programs write them: sections that begin with `$NAME:`.
enum SPEFile {
  static func parse(_ lines: [Substring], _ file: String) throws(VoxelithError) -> MultichannelSpectra {
    var spectra = MultichannelSpectra(kind: "SPE", counts: [])
    var section = ""
    var place = 0
    var values: [Double] = []
    var wanted: Int?
    var isCalibrated = false
    for (number, raw) in lines.enumerated() {
      let line = raw.trimmed
      if line.hasPrefix("$") {
        section = line.uppercased()
        place = 0
        continue
      }
      defer { place += 1 }
      switch (section, place) {
      // Live time, then real time.
      case ("$MEAS_TIM:", 0):
        if let time = MultichannelSpectra.numbers(line).first { spectra.liveTimes = [time] }
      case ("$DATA:", 0):
        let range = line.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        guard range.count == 2, range[0] >= 0, range[0] <= range[1], range[1] < 1 << 24 else {
          throw VoxelithError(
            .data, "the range of channels of the SPE file is damaged", file: file, place: "line \(number + 1)"
          )
        }
        spectra.firstChannel = range[0]
        wanted = range[1] - range[0] + 1
      case ("$DATA:", _): values += try MultichannelSpectra.counts(line, number: number, file: file)
      case ("$ENER_FIT:", 0):
        let values = MultichannelSpectra.numbers(line)
        if isCalibrated {
          spectra.otherCoefficients = ("$ENER_FIT", values)
        } else {
          spectra.coefficients = values
        }
      case ("$MCA_CAL:", 1):
        let unit = line.split(whereSeparator: \.isWhitespace).last.map(String.init) ?? ""
        let scale = try Units.factor(
          of: Double(unit) == nil ? unit : nil, .energy, assumed: 1, what: "the energy calibration",
          option: "--energy-coefficients", file: file, place: "$MCA_CAL")
        if !spectra.coefficients.isEmpty { spectra.otherCoefficients = ("$ENER_FIT", spectra.coefficients) }
        spectra.coefficients = MultichannelSpectra.numbers(line).map { $0 * scale }
        isCalibrated = true
      default: break
      }
    }
    guard values.count == wanted else {
      throw VoxelithError(
        .data,
        "the SPE file holds \(values.count) channels where it says \(wanted ?? 0): it is truncated or damaged",
        file: file)
    }
    spectra.counts = [values]
    return spectra
  }
}
