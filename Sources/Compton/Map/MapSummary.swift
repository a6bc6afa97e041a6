public import Volumetry

/// Numbers over all voxels of a map.
public struct MapSummary: Sendable, Codable {
  /// Voxels by status.
  public private(set) var statuses: [VoxelStatus: Int] = [:]
  /// Over voxels that have a value.
  public private(set) var x = Moments()
  public private(set) var sigma = Moments()
  public private(set) var sharedSigma = Moments()
  public private(set) var intensity = Moments()
  /// sigma over what it would be with known amounts of the components.
  public private(set) var lossOfFreeComponents = Moments()
  /// Deviance over its expectation.
  public private(set) var deviance = 0.0
  public private(set) var expectedDeviance = 0.0
  /// Sums for the mean of x weighted by 1 / sigma^2.
  private var weights = 0.0
  private var weighted = 0.0

  public init() {}

  /// Adds a voxel, or a bin of several voxels that share one value: a bin is one value in what is weighted by errors.
  mutating func add(_ voxel: VoxelResult, voxels: Int = 1) {
    statuses[voxel.fit.status, default: 0] += voxels
    for _ in 0..<voxels { intensity.add(voxel.intensity) }
    guard voxel.fit.status.takesPart else { return }
    for _ in 0..<voxels {
      x.add(voxel.fit.x)
      sigma.add(voxel.fit.sigma)
      sharedSigma.add(voxel.fit.sharedSigma)
    }
    if voxel.fit.sigmaOfKnownComponents > 0 {
      lossOfFreeComponents.add(voxel.fit.sigma / voxel.fit.sigmaOfKnownComponents)
    }
    let own = voxel.fit.sigma * voxel.fit.sigma - voxel.fit.sharedSigma * voxel.fit.sharedSigma
    if own > 0 {
      weights += 1 / own
      weighted += voxel.fit.x / own
    }
    if voxel.fit.expectedDeviance.isFinite {
      deviance += voxel.fit.deviance
      expectedDeviance += voxel.fit.expectedDeviance
    }
  }

  /// Adds voxels without a value.
  mutating func add(masked status: VoxelStatus, voxels: Int) {
    statuses[status, default: 0] += voxels
  }

  mutating func clearValues() {
    statuses = [:]
    x = Moments()
    sigma = Moments()
    sharedSigma = Moments()
  }

  mutating func addValue(x: Double, sigma: Double, sharedSigma: Double) {
    self.x.add(x)
    self.sigma.add(sigma)
    self.sharedSigma.add(sharedSigma)
  }

  /// Adds the voxels that follow in the order of the map.
  public mutating func merge(_ other: MapSummary) {
    for (status, count) in other.statuses { statuses[status, default: 0] += count }
    x.merge(other.x)
    sigma.merge(other.sigma)
    sharedSigma.merge(other.sharedSigma)
    intensity.merge(other.intensity)
    lossOfFreeComponents.merge(other.lossOfFreeComponents)
    deviance += other.deviance
    expectedDeviance += other.expectedDeviance
    weights += other.weights
    weighted += other.weighted
  }

  public var voxels: Int { statuses.values.reduce(0, +) }
  public var mapped: Int { statuses.filter { $0.key.hasValue }.values.reduce(0, +) }

  /// Mean of x weighted by its counting errors, and its standard deviation with the shared part.
  public var weightedMean: (value: Double, sigma: Double)? {
    guard weights > 0 else { return nil }
    let shared = sharedSigma.mean
    return (weighted / weights, (1 / weights + shared * shared).squareRoot())
  }

  /// Deviance over its expectation: 1 where the model holds.
  public var devianceRatio: Double? { expectedDeviance > 0 ? deviance / expectedDeviance : nil }
}
