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
  /// What the partial coefficients are free of; how many degrees of freedom that took stands with every relation.
  public let controls: ControlSettings
  /// Number of tests that the q values are adjusted for: every p value of the relations.
  public let tests: Int
  public let relations: [Relation]
  /// All descriptors together, where they were asked for; the reason where there is no model.
  public let descriptors: DescriptorRegression?
  public let descriptorsReason: String?
  /// Directions of the table.
  public let directions: [AxialSummary]
  public let depthProfiles: [DepthProfile]
  /// Voxels that take no part because nothing like them is near; none where there are no such.
  public let outliers: [FieldOutliers]?
  /// Quantities of this sample against another one.
  public var comparisons: [NamedComparison]?

  enum CodingKeys: String, CodingKey {
    case confidence, seed, replicates, controls, tests, relations, descriptors, directions, comparisons,
      outliers
    case descriptorsReason = "descriptors_reason"
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
