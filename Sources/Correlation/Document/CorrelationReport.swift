public import Foundation
public import Volumetry

/// What `correlation.json` holds: numbers with intervals.
public struct CorrelationReport: Sendable, Codable, Equatable {
  /// A quantity against depth.
  public struct DepthProfile: Sendable, Codable, Equatable {
    public let quantity: String
    public let unit: String
    public let axis: String
    public let profile: BinnedProfile
  }

  /// Nominal level of all intervals.
  public let confidence: Double
  public let seed: UInt64
  public let replicates: Int
  /// z, y, x.
  public let voxelSizeUm: [Double]
  /// What the partial coefficients are free of.
  public let controls: [String]
  public let relations: [Relation]
  public let depthProfiles: [DepthProfile]
  /// Quantities of this sample against another one.
  public var comparisons: [NamedComparison]?

  enum CodingKeys: String, CodingKey {
    case confidence, seed, replicates, controls, relations, comparisons
    case voxelSizeUm = "voxel_size_um"
    case depthProfiles = "depth_profiles"
  }

  /// A quantity in this sample (first) and in another (second).
  public struct NamedComparison: Sendable, Codable, Equatable {
    public let quantity: String
    public let comparison: SampleComparison

    public init(quantity: String, comparison: SampleComparison) {
      self.quantity = quantity
      self.comparison = comparison
    }
  }

  /// The JSON with sorted keys.
  public func json() throws(VoxelithError) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      return try encoder.encode(self)
    } catch {
      throw VoxelithError(.internal, "the statistics cannot be written as JSON", cause: "\(error)")
    }
  }
}

/// The relation of two quantities.
public struct Relation: Sendable, Codable, Equatable {
  public let x: String
  public let xUnit: String
  public let y: String
  public let yUnit: String
  public let pearson: CorrelationTest
  /// Pearson's coefficient with the interval of the block bootstrap.
  public let pearsonBootstrap: Estimate
  /// Sides of the bootstrap's blocks in voxels: z, y, x.
  public let bootstrapBlock: [Int]
  public let spearman: CorrelationTest
  public let kendall: CorrelationTest
  /// Pearson's coefficient with the controls removed from both sides.
  public var partial: CorrelationTest?
  /// Pearson's coefficient with weights from the errors.
  public var weighted: CorrelationTest?
  public let mutualInformation: MutualInformation
  /// Means of y in bins of x.
  public let profile: BinnedProfile
  public var errorsInVariables: ErrorsInVariables?
  /// p value of Pearson's coefficient adjusted for the number of pairs.
  public var qBenjaminiHochberg: Double?
  public var qBenjaminiYekutieli: Double?

  enum CodingKeys: String, CodingKey {
    case x, y, pearson, spearman, kendall, partial, weighted, profile
    case xUnit = "x_unit"
    case yUnit = "y_unit"
    case pearsonBootstrap = "pearson_bootstrap"
    case bootstrapBlock = "bootstrap_block_voxels"
    case mutualInformation = "mutual_information"
    case errorsInVariables = "errors_in_variables"
    case qBenjaminiHochberg = "q_benjamini_hochberg"
    case qBenjaminiYekutieli = "q_benjamini_yekutieli"
  }

  init(
    x: String, xUnit: String, y: String, yUnit: String, pearson: CorrelationTest, pearsonBootstrap: Estimate,
    bootstrapBlock: [Int], spearman: CorrelationTest, kendall: CorrelationTest,
    mutualInformation: MutualInformation, profile: BinnedProfile
  ) {
    self.x = x
    self.xUnit = xUnit
    self.y = y
    self.yUnit = yUnit
    self.pearson = pearson
    self.pearsonBootstrap = pearsonBootstrap
    self.bootstrapBlock = bootstrapBlock
    self.spearman = spearman
    self.kendall = kendall
    self.mutualInformation = mutualInformation
    self.profile = profile
  }
}
