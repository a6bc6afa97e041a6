public import Volumetry

/// Numbers that say how far to trust an alignment.
public struct RegistrationQuality: Sendable, Codable, Equatable {
  public var metric: RegistrationMetric
  /// Correlation coefficient squared (`model`, `ncc`) or normalised mutual information (`nmi`).
  public var metricValue: Double
  /// Correlation coefficient of fixed and modelled values.
  public var correlation: Double
  /// Part of the fixed voxels that took part.
  public var overlapFraction: Double
  /// Fixed voxels that took part.
  public var voxels: Int
  /// The independent ones among them, by the autocorrelation of both sides.
  public var effectiveVoxels: Double
  /// Fisher's z of the correlation in units of its standard deviation under no relation (`model`, `ncc`), or
  /// the same of the correlation ratio's equivalent for `nmi`.
  public var significance: Double
  /// Slope and intercept of the fixed values against the modelled ones; nil for `nmi`.
  public var gain: Double?
  public var offset: Double?
  /// Mean square of the residuals in units of the given variances; nil where there are none.
  public var reducedChiSquared: Double?
  /// Sum of the residuals' autocorrelation over all lags: 1 where voxels are independent.
  public var residualCorrelationVolume: Double
  /// Value of the metric at the best other alignment that the search found, at the coarsest level, as a
  /// fraction of the best one's; nil where the search found no other.
  public var runnerUp: Double?
  public var iterations: Int

  enum CodingKeys: String, CodingKey {
    case metric, correlation, voxels, significance, gain, offset, iterations
    case metricValue = "metric_value"
    case overlapFraction = "overlap_fraction"
    case effectiveVoxels = "effective_voxels"
    case reducedChiSquared = "reduced_chi_squared"
    case residualCorrelationVolume = "residual_correlation_volume"
    case runnerUp = "runner_up"
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
  public let warnings: [String]

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
