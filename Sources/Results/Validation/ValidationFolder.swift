import Compton
import Drawing
public import Phantoms
import Readers
public import Volumetry

/// `validate.json`: what was run and what was found.
public struct ValidationReport: Codable, Sendable {
  public var format = 1
  public var instrument: Instrument
  public var seed: UInt64
  public var results: [ValidationResult]

  /// The measurement that the twin imitates.
  public struct Instrument: Codable, Sendable {
    public var incidentEnergy: Double
    public var scatteringAngle: Double
    public var angleSpread: Double
    public var energyResolution: Double
    public var energyRange: [Double]
    public var bins: Int
    public var formula: String
    public var backgroundFraction: Double
    public var standards: [Double]
    public var standardCounts: Double?
    public var standardSigma: Double
    public var otherFraction: [Double]
    public var fractionSigma: Double

    enum CodingKeys: String, CodingKey {
      case incidentEnergy = "incident_energy_keV"
      case scatteringAngle = "scattering_angle_deg"
      case angleSpread = "angle_spread_deg"
      case energyResolution = "energy_resolution_keV"
      case energyRange = "energy_range_keV"
      case bins, formula
      case backgroundFraction = "background_fraction"
      case standards = "standards_x"
      case standardCounts = "standard_counts"
      case standardSigma = "standards_x_sigma"
      case otherFraction = "other_phases_fraction"
      case fractionSigma = "fraction_sigma"
    }
  }

  enum CodingKeys: String, CodingKey {
    case format = "format_version"
    case instrument, seed, results
  }

  public init(_ settings: ValidationSettings, results: [ValidationResult]) {
    let bench = settings.bench
    let last = bench.firstEnergy + Double(bench.bins - 1) * bench.binWidth
    instrument = Instrument(
      incidentEnergy: bench.incidentEnergy, scatteringAngle: bench.scatteringAngle,
      angleSpread: bench.angleSpread,
      energyResolution: bench.response?.resolution ?? bench.energyResolution,
      energyRange: [
        bench.energyCenters?.first ?? bench.firstEnergy, rounded(bench.energyCenters?.last ?? last),
      ],
      bins: bench.energyCenters?.count ?? bench.bins, formula: bench.formula,
      backgroundFraction: rounded(bench.backgroundFraction), standards: bench.standards,
      standardCounts: settings.standardCounts, standardSigma: settings.standardSigma,
      otherFraction: [settings.otherFraction.lowerBound, settings.otherFraction.upperBound],
      fractionSigma: settings.fractionSigma)
    seed = settings.seed
    self.results = results
  }
}

/// Writes a validation: `validate.json`, `validate.csv`, and the figure as PNG and PDF.
public enum ValidationFolder {
  public static let files = ["validate.json", "validate.csv", "validate.png", "validate.pdf"]

  /// - Throws: `cannotCreate` where a file exists and may not be replaced.
  public static func check(_ folder: String, overwrite: Bool) throws(VoxelithError) {
    try OutputFile.prepareFolder(folder)
    for name in files { try OutputFile.check(folder + "/" + name, overwrite: overwrite) }
  }

  public static func write(
    _ report: ValidationReport, to folder: String, overwrite: Bool
  ) throws(VoxelithError) {
    try check(folder, overwrite: overwrite)
    try JSONOutput.write(report, to: folder + "/validate.json", overwrite: overwrite)
    try OutputFile.write(table(report.results), to: folder + "/validate.csv", overwrite: overwrite)
    let figure = ValidationFigure.figure(report)
    for name in ["validate.png", "validate.pdf"] {
      try figure.write(
        to: folder + "/" + name,
        options: FigureOptions(preset: .elsevier, doubleColumn: true, overwrite: overwrite))
    }
  }

  /// One line for each case and method.
  static func table(_ results: [ValidationResult]) -> String {
    func cell(_ value: Double?) -> String { value.map { "\(rounded($0))" } ?? "" }
    var lines = [
      "case,method,counts,x,voxels,masked,bias,bias_sigma,bias_over_sigma,spread,cramer_rao_bound,"
        + "spread_over_bound,spread_over_bound_with_standards,spread_of_error_over_sigma,relative_sigma_of_spreads,"
        + "coverage_68,coverage_68_low,coverage_68_high,coverage_95,coverage_95_low,coverage_95_high,"
        + "trend_per_detector_width,trend_sigma"
    ]
    for result in results {
      let numbers: [Double?] = [
        result.counts, result.x, Double(result.voxels), Double(result.masked), result.bias, result.biasError,
        result.biasOverSigma, result.spread, result.bound, result.spreadOverBound,
        result.spreadOverBoundWithStandards, result.spreadOverSigma, result.relativeErrorOfSpread,
        result.coverage68.value, result.coverage68.low, result.coverage68.high, result.coverage95.value,
        result.coverage95.low, result.coverage95.high, result.trend, result.trendError,
      ]
      lines.append(
        ([result.kind.rawValue, result.method.rawValue] + numbers.map(cell)).joined(separator: ","))
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
