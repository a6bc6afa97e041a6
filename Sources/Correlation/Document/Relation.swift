import Foundation
import Volumetry

/// The relation of two quantities. What could not be computed is nil (null in JSON), with the reason beside.
public struct Relation: Sendable, Codable, Equatable {
  public let x: String
  public let xUnit: String
  public let y: String
  public let yUnit: String
  /// Why there are no numbers, or only those of a direction.
  public var reason: String?
  /// What the reader should know of the numbers.
  public var notes: [String] = []
  /// Pearson's coefficient, without what the errors of both sides share where that is known.
  public var pearson: CorrelationTest?
  /// Pearson's coefficient with the interval of the block bootstrap.
  public var pearsonBootstrap: Estimate?
  /// Sides of the bootstrap's blocks in voxels: z, y, x.
  public var bootstrapBlock: [Int]?
  public var spearman: CorrelationTest?
  public var kendall: CorrelationTest?
  /// Pearson's coefficient with all controls removed from both sides, and with the depth alone removed.
  public var partial: CorrelationTest?
  public var partialDepth: CorrelationTest?
  /// What the controls took for `partial`.
  public var controls: [Control]?
  /// Pearson's coefficient with weights from the errors.
  public var weighted: CorrelationTest?
  public var mutualInformation: MutualInformation?
  /// For directions, which linear coefficients say nothing of.
  public var axial: AxialRelation?
  /// The same with all controls removed from quantities, cosines and sines.
  public var axialPartial: AxialRelation?
  /// Line of least squares of y on x with the interval of its slope.
  public var line: RegressionLine?
  /// Means of y in bins of x.
  public var profile: BinnedProfile?
  public var errorsInVariables: ErrorsInVariables?
  /// p value of Pearson's coefficient (of the direction, where one is) adjusted for all tests of the report.
  public var qBenjaminiHochberg: Double?
  public var qBenjaminiYekutieli: Double?

  /// What one control of the partial coefficient took.
  public struct Control: Sendable, Codable, Equatable {
    public let name: String
    public let kind: String
    public let degrees: Int

    enum CodingKeys: String, CodingKey {
      case name, kind
      case degrees = "degrees_of_freedom"
    }
  }

  enum CodingKeys: String, CodingKey {
    case x, y, reason, notes, pearson, spearman, kendall, partial, controls, weighted, axial, line, profile
    case axialPartial = "axial_partial"
    case xUnit = "x_unit"
    case yUnit = "y_unit"
    case pearsonBootstrap = "pearson_bootstrap"
    case bootstrapBlock = "bootstrap_block_voxels"
    case partialDepth = "partial_depth"
    case mutualInformation = "mutual_information"
    case errorsInVariables = "errors_in_variables"
    case qBenjaminiHochberg = "q_benjamini_hochberg"
    case qBenjaminiYekutieli = "q_benjamini_yekutieli"
  }

  init(x: String, xUnit: String, y: String, yUnit: String) {
    self.x = x
    self.xUnit = xUnit
    self.y = y
    self.yUnit = yUnit
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(x, forKey: .x)
    try container.encode(xUnit, forKey: .xUnit)
    try container.encode(y, forKey: .y)
    try container.encode(yUnit, forKey: .yUnit)
    try container.encodeIfPresent(reason, forKey: .reason)
    try container.encode(notes, forKey: .notes)
    // These are always there: null says that they could not be computed.
    try container.encode(pearson, forKey: .pearson)
    try container.encode(pearsonBootstrap, forKey: .pearsonBootstrap)
    try container.encode(spearman, forKey: .spearman)
    try container.encode(kendall, forKey: .kendall)
    try container.encode(partial, forKey: .partial)
    try container.encode(mutualInformation, forKey: .mutualInformation)
    try container.encode(profile, forKey: .profile)
    try container.encode(qBenjaminiHochberg, forKey: .qBenjaminiHochberg)
    try container.encode(qBenjaminiYekutieli, forKey: .qBenjaminiYekutieli)
    try container.encodeIfPresent(bootstrapBlock, forKey: .bootstrapBlock)
    try container.encodeIfPresent(partialDepth, forKey: .partialDepth)
    try container.encodeIfPresent(controls, forKey: .controls)
    try container.encodeIfPresent(weighted, forKey: .weighted)
    try container.encodeIfPresent(axial, forKey: .axial)
    try container.encodeIfPresent(axialPartial, forKey: .axialPartial)
    try container.encodeIfPresent(line, forKey: .line)
    try container.encodeIfPresent(errorsInVariables, forKey: .errorsInVariables)
  }

  /// p values of all tests in a fixed order; NaN for those that are not there.
  var pValues: [Double] {
    [
      pearson?.pValue, spearman?.pValue, kendall?.pValue, partial?.pValue, partialDepth?.pValue,
      weighted?.pValue, mutualInformation?.pValue, axial?.pValue, axialPartial?.pValue,
    ].map { $0 ?? .nan }
  }

  /// Sets the adjusted values in the order of `pValues`.
  mutating func setAdjusted(hochberg: ArraySlice<Double>, yekutieli: ArraySlice<Double>) {
    let q = Array(hochberg).map { $0.isNaN ? nil : $0 }
    pearson?.qValue = q[0]
    spearman?.qValue = q[1]
    kendall?.qValue = q[2]
    partial?.qValue = q[3]
    partialDepth?.qValue = q[4]
    weighted?.qValue = q[5]
    mutualInformation?.qValue = q[6]
    axial?.qValue = q[7]
    axialPartial?.qValue = q[8]
    let main = pearson == nil ? 7 : 0
    qBenjaminiHochberg = q[main]
    let strict = yekutieli[yekutieli.startIndex + main]
    qBenjaminiYekutieli = strict.isNaN ? nil : strict
  }
}

/// A line of least squares whose interval knows that voxels are neighbours.
public struct RegressionLine: Sendable, Codable, Equatable {
  public let slope: Estimate
  public let intercept: Double
  /// Where the band of the line is narrowest.
  public let meanX: Double
  public let meanY: Double
  /// Half width of the interval of the mean of y.
  public let reachOfMean: Double

  enum CodingKeys: String, CodingKey {
    case slope, intercept
    case meanX = "mean_x"
    case meanY = "mean_y"
    case reachOfMean = "reach_of_mean"
  }

  /// - Parameters:
  ///   - r: coefficient of the pair, without shared errors where they are known.
  ///   - effective: number of independent voxels.
  public init(_ pair: FieldPair, r: Double, effective: Double, confidence: Double = 0.95) {
    let scale = deviation(pair.y) / deviation(pair.x)
    let dof = max(1, effective - 2)
    let reach = studentQuantile(0.5 + 0.5 * confidence, dof: dof)
    let rest = max(0, 1 - r * r).squareRoot()
    let error = scale * rest / dof.squareRoot()
    meanX = mean(pair.x)
    meanY = mean(pair.y)
    let value = r * scale
    slope = Estimate(value: value, low: value - reach * error, high: value + reach * error)
    intercept = meanY - value * meanX
    reachOfMean = reach * deviation(pair.y) * rest / max(1, effective).squareRoot()
  }

  /// Half width of the interval of the line at a place.
  public func reach(at x: Double) -> Double {
    let tilt = 0.5 * (slope.high - slope.low) * (x - meanX)
    return (reachOfMean * reachOfMean + tilt * tilt).squareRoot()
  }
}
