public import Volumetry

/// Numbers that say how far to trust an alignment.
public struct RegistrationQuality: Sendable, Codable, Equatable {
  public var metric: RegistrationMetric
  /// Correlation coefficient squared (`model`, `ncc`) or normalised mutual information (`nmi`).
  public var metricValue: Double
  /// Correlation coefficient of fixed and modelled values.
  public var correlation: Double
  /// Part of the smaller volume that lies within the other.
  public var overlapFraction: Double
  /// Fixed values that took part at the finest level.
  public var voxels: Int
  /// By how many standard deviations the detail of the blocks agrees, against blocks paired at random.
  public var significance: Double
  /// What the best of all positions that were tried reaches by chance, once in a thousand.
  public var neededSignificance: Double
  /// Correlation of the detail of both sides.
  public var detailCorrelation: Double
  /// Positions and turns that the search chose from.
  public var positions: Int
  /// Slope and intercept of the fixed values against the modelled ones; nil for `nmi`.
  public var gain: Double?
  public var offset: Double?
  /// Mean square of the residuals in units of the given variances; nil where there are none.
  public var reducedChiSquared: Double?
  /// Agreement of the best other place that the search found, as a fraction of the best one's; nil where it found no
  /// other.
  public var runnerUp: Double?
  /// The mirror, change of axes or half turn that came closest, with its part of the agreement.
  public var bestRival: Rival?
  public var iterations: Int

  /// Another way of laying the moving volume.
  public struct Rival: Sendable, Codable, Equatable {
    public var name: String
    public var agreement: Double
  }

  enum CodingKeys: String, CodingKey {
    case metric, correlation, voxels, significance, positions, gain, offset, iterations
    case metricValue = "metric_value"
    case overlapFraction = "overlap_fraction"
    case neededSignificance = "needed_significance"
    case detailCorrelation = "detail_correlation"
    case reducedChiSquared = "reduced_chi_squared"
    case runnerUp = "runner_up"
    case bestRival = "best_rival"
  }
}

/// An alignment with its uncertainty.
public struct RegistrationResult: Sendable {
  /// From points of the fixed to points of the moving volume.
  public let transform: SpatialTransform
  /// What `covariance` refers to.
  public let parameters: LocalParameters
  /// Of the local parameters, in radians and um.
  public let covariance: Matrix
  public let quality: RegistrationQuality
  /// Root mean square over the fixed grid of the expected error, um.
  public let expectedErrorUm: Double
  /// The same in fixed voxels.
  public let expectedErrorVoxels: Double
  /// What a careful reader should know; empty for a result that meets the wanted error.
  public internal(set) var warnings: [String]

  /// Expected error (one standard deviation, all three directions together) at a fixed point, in um.
  public func expectedError(at point: SIMD3<Double>) -> Double {
    parameters.expectedError(at: point, of: transform, covariance: covariance)
  }

  /// The expected error at every voxel of a grid in fixed space, as a volume that is computed as it is
  /// read.
  public func errorMap(on grid: Grid) -> RegistrationErrorMap {
    RegistrationErrorMap(
      grid: grid, transform: transform, parameters: parameters, covariance: covariance)
  }

  /// What `transform.json` holds.
  public var document: TransformDocument {
    var document = TransformDocument(transform, model: parameters.model)
    document.covariance = covariance.nested
    document.covarianceParameters = parameters.names
    document.covarianceCenterUm = [parameters.center.x, parameters.center.y, parameters.center.z]
    document.expectedErrorUm = expectedErrorUm
    document.quality = quality
    document.warnings = warnings
    return document
  }
}

/// Expected registration error in um at the voxels of a grid: `sqrt(trace(J C J^T))`.
public struct RegistrationErrorMap: VolumeSource {
  public let grid: Grid
  public let transform: SpatialTransform
  public let parameters: LocalParameters
  public let covariance: Matrix
  public var voxelType: VoxelType { .float32 }
  public var chunkShape: Shape { Shape(z: 1, y: grid.shape.y, x: grid.shape.x) }
  public var name: String { "expected registration error" }

  public init(
    grid: Grid, transform: SpatialTransform, parameters: LocalParameters, covariance: Matrix
  ) {
    self.grid = grid
    self.transform = transform
    self.parameters = parameters
    self.covariance = covariance
  }

  public func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    var result: [Float] = []
    result.reserveCapacity(region.count)
    for z in region.z {
      for y in region.y {
        for x in region.x {
          let point = grid.center(z: z, y: y, x: x)
          result.append(Float(parameters.expectedError(at: point, of: transform, covariance: covariance)))
        }
      }
    }
    return .float32(result)
  }
}
