public import Compton
import Foundation
public import Readers
public import Volumetry

/// What `calibrate-energy` writes: everything as JSON, or a table as CSV, and beside it two matrices that detectors'
/// own files use.
public struct EnergyCalibrationReport: Codable, Sendable {
  public var format = 1
  public var lines: [PixelCalibration.LineSummary]
  public var files: [File]

  /// The pixels of one file of spectra.
  public struct File: Codable, Sendable {
    public var file: String
    /// Rows and columns of pixels.
    public var shape: [Int]
    public var good: Int
    public var tooFewLines: Int
    public var empty: Int
    public var medianGain: Double?
    public var medianOffset: Double?
    /// In the order y, x.
    public var pixels: [EnergyCalibration]

    enum CodingKeys: String, CodingKey {
      case file, shape, good, empty, pixels
      case tooFewLines = "too_few_lines"
      case medianGain = "median_gain_keV_per_unit"
      case medianOffset = "median_offset_keV"
    }
  }

  enum CodingKeys: String, CodingKey {
    case format = "format_version"
    case lines, files
  }

  /// Measured files, in order; line summaries are over all of them.
  public init(_ measured: [(file: String, pixels: PixelCalibration)], lines wanted: [EmissionLine]) {
    files = measured.map { file, calibration in
      let good = calibration.pixels.filter { $0.status == .good }
      return File(
        file: file, shape: [calibration.height, calibration.width], good: good.count,
        tooFewLines: calibration.count(.tooFewLines), empty: calibration.count(.empty),
        medianGain: good.isEmpty ? nil : Quantiles.median(good.map(\.gain)),
        medianOffset: good.isEmpty ? nil : Quantiles.median(good.map(\.offset)), pixels: calibration.pixels)
    }
    let all = PixelCalibration(joining: measured.map(\.pixels))
    lines = all.summaries(wanted)
  }

  /// - Throws: `data` where no spectrum of any file was calibrated.
  public func requireResult() throws(VoxelithError) {
    guard files.contains(where: { $0.good > 0 }) else {
      throw VoxelithError(
        .data, "no spectrum shows two of the lines", file: files.first?.file,
        advice: "check the lines, --resolution, and where gain and offset are sought")
    }
  }
}

/// Output files of an energy calibration.
public enum EnergyCalibrationFiles {
  /// The files that go with `path`, which ends in `.json` or `.csv`: itself, the gains and the offsets.
  ///
  /// - Throws: `usage` for another ending.
  public static func names(_ path: String) throws(VoxelithError) -> (
    main: String, gain: String, intercept: String
  ) {
    let ending = PathName.ending(of: path).lowercased()
    guard ending == "json" || ending == "csv" else {
      throw VoxelithError(.usage, "the output must end in .json or .csv", file: path)
    }
    let stem = PathName.withoutEnding(path)
    return (path, stem + "_gain.txt", stem + "_intercept.txt")
  }

  public static func check(_ path: String, overwrite: Bool) throws(VoxelithError) {
    let names = try names(path)
    for name in [names.main, names.gain, names.intercept] {
      try OutputFile.check(name, overwrite: overwrite)
    }
  }

  /// Writes the report, and the gains and offsets as matrices of one row of pixels a line, 0 for a pixel without
  /// calibration. Files of spectra follow each other as rows where their width is one.
  public static func write(
    _ report: EnergyCalibrationReport, to path: String, overwrite: Bool
  ) throws(VoxelithError) {
    let names = try names(path)
    if path.lowercased().hasSuffix(".json") {
      try JSONOutput.write(report, to: path, overwrite: overwrite)
    } else {
      try OutputFile.write(table(report), to: path, overwrite: overwrite)
    }
    func matrix(_ value: (EnergyCalibration) -> Double) -> String {
      var lines: [String] = []
      for file in report.files {
        for y in 0..<file.shape[0] {
          let row = file.pixels[(y * file.shape[1])..<((y + 1) * file.shape[1])]
          lines.append(
            row.map { $0.status == .good ? "\(rounded(value($0), digits: 12))" : "0" }.joined(separator: " "))
        }
      }
      return lines.joined(separator: "\n") + "\n"
    }
    try OutputFile.write(matrix(\.gain), to: names.gain, overwrite: overwrite)
    try OutputFile.write(matrix(\.offset), to: names.intercept, overwrite: overwrite)
  }

  /// One line for each pixel.
  static func table(_ report: EnergyCalibrationReport) -> String {
    var lines = [
      "file,y,x,status,gain_keV_per_unit,gain_sigma,offset_keV,offset_sigma_keV,lines,rejected,chi_squared,"
        + "degrees_of_freedom"
    ]
    for file in report.files {
      for (index, pixel) in file.pixels.enumerated() {
        let place = "\(file.file),\(index / file.shape[1]),\(index % file.shape[1]),\(pixel.status.rawValue)"
        guard pixel.status == .good else {
          lines.append(place + ",,,,,,,,")
          continue
        }
        let numbers = [pixel.gain, pixel.gainSigma, pixel.offset, pixel.offsetSigma].map { "\(rounded($0))" }
        let rejected = pixel.lines.count { $0.isRejected }
        lines.append(
          ([place] + numbers + [
            "\(pixel.lines.count)", "\(rejected)", "\(rounded(pixel.chiSquared))",
            "\(pixel.degreesOfFreedom)",
          ]).joined(separator: ","))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

/// Opening spectra whose axis counts detector units.
public enum DetectorSpectra {
  /// Opens a file without taking its axis for energies: a text table whose first column does not say that it is one
  /// of energies keeps its numbers as they are.
  ///
  /// - Parameters:
  ///   - axis: centre of the first bin and width of the bins in detector units; nil for the file's own axis.
  /// - Throws: as `SpectralFile.open` does.
  public static func open(
    _ path: String, options: SpectralOpenOptions, axis: (first: Double, width: Double)?
  ) throws(VoxelithError) -> any SpectralSource {
    var options = options
    options.energyCoefficients = axis.map { [$0.first, $0.width] }
    options.keepsDetectorUnits = true
    guard axis == nil, try SpectralFile.format(of: path) == .text else {
      return try SpectralFile.open(path, options: options)
    }
    let table = try DelimitedTable.read(path)
    let isEnergy = table.names?.first.map { $0.lowercased().hasPrefix("e") } ?? false
    guard !isEnergy, table.columns.count >= 2 else { return try SpectralFile.open(path, options: options) }
    let columns = table.columns.dropFirst()
    return try SpectralVolume(
      grid: Grid(unscaled: Shape(z: 1, y: 1, x: columns.count)),
      energy: try EnergyAxis(centers: table.columns[0], file: path),
      counts: columns.flatMap { $0.map { Float($0) } }, name: path)
  }
}
