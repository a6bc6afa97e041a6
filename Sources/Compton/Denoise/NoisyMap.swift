public import Volumetry

/// A lithium map in memory with what is known of its errors: what denoising starts from.
///
/// It takes some 30 bytes for each voxel, whose spectrum takes a kilobyte or more.
public struct NoisyMap: Sendable {
  public let grid: Grid
  /// Lithium content; NaN where a voxel has no value.
  public var x: [Float]
  /// Variance of x by counting alone.
  public var countingVariance: [Float]
  /// What the voxel is expected to tell of x at the middle of the calibrated range, from its number of counts and not
  /// from its x: 1 / variance. Weights made of it do not follow the noise of x.
  public var information: [Float]
  /// Errors that voxels have in common: by the standards, and by the fractions.
  public var sharedSigma: [Float]
  public var fractionSigma: [Float]

  /// - Precondition: every array has one value for each voxel.
  public init(
    grid: Grid, x: [Float], countingVariance: [Float], information: [Float], sharedSigma: [Float],
    fractionSigma: [Float]
  ) {
    let count = grid.shape.count
    precondition(
      x.count == count && countingVariance.count == count && information.count == count
        && sharedSigma.count == count && fractionSigma.count == count)
    self.grid = grid
    self.x = x
    self.countingVariance = countingVariance
    self.information = information
    self.sharedSigma = sharedSigma
    self.fractionSigma = fractionSigma
  }

  /// A map whose errors are independent among voxels.
  public init(grid: Grid, x: [Float], sigma: [Float]) {
    let none = [Float](repeating: 0, count: x.count)
    self.init(
      grid: grid, x: x, countingVariance: sigma.map { $0 * $0 }, information: sigma.map { 1 / ($0 * $0) },
      sharedSigma: none, fractionSigma: none)
  }

  /// Whether a voxel takes part in denoising.
  func isUsable(_ voxel: Int) -> Bool {
    x[voxel].isFinite && information[voxel] > 0 && information[voxel].isFinite
      && countingVariance[voxel].isFinite
  }
}
