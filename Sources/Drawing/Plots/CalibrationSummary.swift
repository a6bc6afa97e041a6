import Foundation
public import Volumetry

/// What a figure shows of `calibration.json`: the standards, and the lines through two of their quantities.
public struct CalibrationSummary: Decodable, Sendable {
  public struct Standard: Decodable, Sendable {
    public let name: String?
    public let x: Double
    public let fittedX: Double?
    public let fittedXSigma: Double?

    enum CodingKeys: String, CodingKey {
      case name, x
      case fittedX = "fitted_x"
      case fittedXSigma = "fitted_x_sigma"
    }
  }

  public struct Line: Decodable, Sendable {
    public struct Point: Decodable, Sendable {
      public let x: Double
      public let value: Double
      public let sigma: Double
      public let residual: Double
    }

    public let intercept: Double
    public let slope: Double
    public let covariance: [[Double]]
    public let points: [Point]
    public let chiSquared: Double?
    public let degreesOfFreedom: Int?

    enum CodingKeys: String, CodingKey {
      case intercept, slope, covariance, points
      case chiSquared = "chi_squared"
      case degreesOfFreedom = "degrees_of_freedom"
    }
  }

  public struct Methods: Decodable, Sendable {
    public let sParameter: Line?
    public let valenceCore: Line?

    enum CodingKeys: String, CodingKey {
      case sParameter = "s-parameter"
      case valenceCore = "valence-core"
    }
  }

  public let formula: String?
  public let methods: Methods
  public let standards: [Standard]

  /// - Throws: `missing` where there is no such file, `data` where it is not a calibration file.
  public static func read(_ path: String) throws(VoxelithError) -> CalibrationSummary {
    let data = try WholeFile.read(path)
    do {
      return try JSONDecoder().decode(CalibrationSummary.self, from: data)
    } catch {
      throw VoxelithError(
        .data, "is not a calibration file", file: path, advice: "give the file that calibrate wrote")
    }
  }

  /// The quantity of every standard against x, with line, band and residuals.
  ///
  /// - Throws: `usage` where the calibration has no such line.
  public func figure(method: String, title: RichText? = nil) throws(VoxelithError) -> StackedPlot {
    let lines = ["s-parameter": methods.sParameter, "valence-core": methods.valenceCore]
    guard let line = lines[method] ?? nil, line.covariance.count == 2,
      line.covariance.allSatisfy({ $0.count == 2 })
    else {
      throw VoxelithError(
        .usage, "the calibration has no line of '\(method)'", advice: "known: s-parameter, valence-core")
    }
    let c = line.covariance
    var notes: [RichText] = []
    if let chi = line.chiSquared, let freedom = line.degreesOfFreedom, freedom > 0 {
      notes.append(
        RichText("\u{03C7}^2/dof = ") + RichText(plain: Ticks.number(chi / Double(freedom), digits: 3)))
    }
    return Plot.fitWithResiduals(
      x: PlotAxis("x of the standard"),
      y: PlotAxis(method == "s-parameter" ? "S-parameter" : "valence-to-core ratio"),
      points: (line.points.map(\.x), line.points.map(\.value), line.points.map(\.sigma)),
      pointsLabel: "standards", fitLabel: "line", title: title, notes: notes
    ) { x in
      let variance = c[0][0] + 2 * x * c[0][1] + x * x * c[1][1]
      return (line.intercept + line.slope * x, max(0, variance).squareRoot())
    }
  }

  /// x that the whole-profile fit finds in every standard less its true x, with its standard error; nil where the
  /// calibration does not say it.
  public var profileFigure: Plot? {
    let fitted = standards.filter { $0.fittedX != nil && $0.fittedXSigma != nil }
    guard !fitted.isEmpty else { return nil }
    return Plot(
      x: PlotAxis("x of the standard"), y: PlotAxis("fitted x \u{2212} x"), aspect: 0.6,
      [
        .horizontalRule(0),
        .points(
          fitted.map(\.x), fitted.map { ($0.fittedX ?? .nan) - $0.x },
          yErrors: fitted.map { $0.fittedXSigma ?? 0 },
          label: "profile fit, \u{00B1}1\u{03C3}", color: FigureStyle.color(0)),
      ])
  }
}
