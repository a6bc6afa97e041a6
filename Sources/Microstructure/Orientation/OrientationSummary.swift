import Volumetry

/// A number with the interval that a bootstrap gives it.
public struct Interval: Sendable, Hashable, Codable {
  public let value: Double
  public let low: Double
  public let high: Double

  public init(value: Double, low: Double, high: Double) {
    self.value = value
    self.low = low
    self.high = high
  }

  /// The estimate with the central share of its replicates.
  init(_ value: Double, replicates: [Double], confidence: Double) {
    let sorted = replicates.filter { $0.isFinite }.sorted()
    self.init(
      value: value, low: Quantiles.quantile(sorted: sorted, 0.5 * (1 - confidence)),
      high: Quantiles.quantile(sorted: sorted, 0.5 * (1 + confidence)))
  }
}

/// What is said of a field of directions as a whole: the content of `orientation.json`.
public struct OrientationSummary: Sendable, Hashable, Codable {
  /// How intervals are found: whole blocks are drawn, since neighbouring voxels are correlated.
  public struct Bootstrap: Sendable, Hashable, Codable {
    public let replicates: Int
    public let blocks: Int
    public let blockSize: [Double]
    public let confidence: Double
    public let seed: UInt64

    enum CodingKeys: String, CodingKey {
      case replicates, blocks, confidence, seed
      case blockSize = "block_size_zyx_um"
    }
  }

  /// Share of directions per degree, and what isotropic directions would give.
  public struct Angles: Sendable, Hashable, Codable {
    public let bin: Double
    public let share: [Double]
    public let isotropic: [Double]
    public let median: Double

    enum CodingKeys: String, CodingKey {
      case share, isotropic
      case bin = "bin_deg"
      case median = "median_deg"
    }
  }

  /// Directions on the hemisphere in cells of one area; see ``DirectionHistogram``.
  public struct Sphere: Sendable, Hashable, Codable {
    public let rings: Int
    public let counts: [Int]
  }

  public let samples: Int
  public let definedFraction: Double
  public let meanAnisotropy: Double
  public let meanLinearity: Double
  public let meanPlanarity: Double
  /// Rows x, y, z.
  public let tensor: [[Double]]
  public let eigenvalues: [Double]
  /// Unit vectors (x, y, z) in the order of the eigenvalues.
  public let axes: [[Double]]
  public let ellipsoid: [Double]
  public let degreeOfAnisotropy: Interval
  public let orderParameter: Interval
  public let orderParameterZ: Interval
  public let angleToZ: Interval
  /// Angle within which the mean axes of the replicates lie, at the confidence of the intervals.
  public let axisUncertainty: Double
  public let angles: Angles
  public let sphere: Sphere
  public let bootstrap: Bootstrap

  enum CodingKeys: String, CodingKey {
    case samples, axes, sphere, bootstrap
    case definedFraction = "defined_fraction"
    case meanAnisotropy = "mean_anisotropy"
    case meanLinearity = "mean_linearity"
    case meanPlanarity = "mean_planarity"
    case tensor = "orientation_tensor_xyz"
    case eigenvalues = "orientation_eigenvalues"
    case ellipsoid = "fabric_semi_axes"
    case degreeOfAnisotropy = "degree_of_anisotropy"
    case orderParameter = "order_parameter"
    case orderParameterZ = "order_parameter_z"
    case angleToZ = "mean_axis_to_z_deg"
    case axisUncertainty = "mean_axis_uncertainty_deg"
    case angles = "angle_to_z"
  }
}
