import Drawing
import Foundation
import Readers
import Results
public import Volumetry

/// `pipeline.json` of a validation: how often the numbers of the pipeline held.
public struct PipelineCoverage: Codable, Sendable {
  /// One kind of number over all twins.
  public struct Check: Codable, Sendable {
    public let name: String
    public let held: Int
    public let of: Int
    /// Wanted share, of which the binomial interval (Wilson) should hold.
    public let nominal: Double
    public let low: Double
    public let high: Double

    init(_ name: String, held: Int, of: Int, nominal: Double) {
      self.name = name
      self.held = held
      self.of = of
      self.nominal = nominal
      let n = Double(max(1, of))
      let p = Double(held) / n
      let z = 1.959963984540054
      let middle = (p + z * z / (2 * n)) / (1 + z * z / n)
      let reach = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
      low = max(0, middle - reach)
      high = min(1, middle + reach)
    }

    public var share: Double { of > 0 ? Double(held) / Double(of) : .nan }
  }

  public let settings: PipelineValidation.Settings
  public let checks: [Check]
  /// Mean over twins of the error of the mean of x, its spread, and what was said of it.
  public let meanBias: Double
  public let meanSpread: Double
  public let meanSaid: Double
  public let twins: [TwinOutcome]

  enum CodingKeys: String, CodingKey {
    case settings, checks, twins
    case meanBias = "mean_x_bias"
    case meanSpread = "mean_x_spread"
    case meanSaid = "mean_x_sigma_said"
  }

  init(_ settings: PipelineValidation.Settings, _ twins: [TwinOutcome]) {
    self.settings = settings
    self.twins = twins
    var errors = Moments()
    var said = Moments()
    for twin in twins {
      errors.add(twin.meanX - twin.trueMeanX)
      said.add(twin.meanXSigma)
    }
    meanBias = errors.mean
    meanSpread = twins.count > 1 ? errors.standardDeviation : 0
    meanSaid = said.mean
    var checks = [
      Check(
        "mean of x within 2 sigma",
        held: twins.count { abs($0.meanX - $0.trueMeanX) <= 2 * $0.meanXSigma }, of: twins.count,
        nominal: 0.954)
    ]
    let names = twins.first?.relations.map(\.x) ?? []
    for name in names where name != "depth" {
      let own = twins.compactMap { twin in twin.relations.first { $0.x == name } }
      // The planted relation is that with the active fraction; the other fractions follow it in part.
      if settings.slope == 0 {
        checks.append(
          Check(
            "\(name): interval holds no relation",
            held: own.count { $0.coefficient.low <= 0 && 0 <= $0.coefficient.high }, of: own.count,
            nominal: 0.95))
        checks.append(
          Check(
            "\(name): false alarms at 5 %", held: own.count { $0.pValue < 0.05 }, of: own.count, nominal: 0.05
          ))
        let partial = own.compactMap(\.partialPValue)
        checks.append(
          Check(
            "\(name): false alarms of the partial coefficient", held: partial.count { $0 < 0.05 },
            of: partial.count, nominal: 0.05))
      } else if name == "active_fraction" {
        let slopes = own.compactMap(\.slope)
        checks.append(
          Check(
            "\(name): interval of the slope holds the planted one",
            held: slopes.count { $0.low <= settings.slope && settings.slope <= $0.high }, of: slopes.count,
            nominal: 0.95))
      }
    }
    self.checks = checks
  }

  public static let files = ["pipeline.json", "pipeline.csv", "pipeline.png"]

  /// - Throws: `cannotCreate` where a file exists and may not be replaced.
  public static func check(_ folder: String, overwrite: Bool) throws(VoxelithError) {
    try OutputFile.prepareFolder(folder)
    for name in files { try OutputFile.check(folder + "/" + name, overwrite: overwrite) }
  }

  public func write(to folder: String, overwrite: Bool) throws(VoxelithError) {
    try Self.check(folder, overwrite: overwrite)
    try JSONOutput.write(self, to: folder + "/pipeline.json", overwrite: overwrite)
    let lines = checks.map { check in
      "\"\(check.name)\",\(check.held),\(check.of),\(rounded(check.share)),\(rounded(check.low)),\(rounded(check.high)),\(check.nominal)"
    }
    try OutputFile.write(
      (["number,held,of,share,low,high,nominal"] + lines).joined(separator: "\n") + "\n",
      to: folder + "/pipeline.csv", overwrite: overwrite)
    try figure.write(to: folder + "/pipeline.png", options: FigureOptions(overwrite: overwrite))
  }

  /// Shares with their intervals beside the wanted ones.
  private var figure: PanelFigure {
    let places = checks.indices.map { Double($0 + 1) }
    return PanelFigure(
      [
        Plot(
          x: PlotAxis("number, in the order of pipeline.csv"),
          y: PlotAxis("share of twins", range: -0.03...1.03),
          [
            .points(
              places, checks.map(\.share), yErrors: checks.map { 0.5 * ($0.high - $0.low) }, label: "found",
              color: FigureStyle.color(0)),
            .points(places, checks.map(\.nominal), label: "wanted", color: FigureStyle.color(1)),
          ])
      ], title: RichText(plain: "\(twins.count) twins through the whole pipeline"))
  }
}
