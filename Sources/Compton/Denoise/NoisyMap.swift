public import Volumetry

/// A lithium map with what is known of its errors: what denoising starts from.
///
/// It takes 20 bytes for each voxel, in memory or in files (`WorkingMemory`). One value for each voxel of
/// the grid, in z, y, x order.
public struct NoisyMap: Sendable {
  public let grid: Grid
  /// Lithium content; NaN where a voxel has no value.
  public private(set) var x: PagedArray<Float>
  /// Variance of x by counting alone.
  public private(set) var countingVariance: PagedArray<Float>
  /// What the voxel is expected to tell of x at the middle of the calibrated range, from its number of counts and not
  /// from its x: 1 / variance. Weights made of it do not follow the noise of x.
  public private(set) var information: PagedArray<Float>
  /// Errors that voxels have in common: by the standards, and by the fractions.
  public private(set) var sharedSigma: PagedArray<Float>
  public private(set) var fractionSigma: PagedArray<Float>

  /// A map without values.
  ///
  /// - Throws: as `PagedArray/init(repeating:count:in:)`.
  public init(grid: Grid, in memory: WorkingMemory = .unpaged) throws(VoxelithError) {
    func missing() throws(VoxelithError) -> PagedArray<Float> {
      try PagedArray(repeating: .nan, count: grid.shape.count, in: memory)
    }
    self.grid = grid
    x = try missing()
    countingVariance = try missing()
    information = try missing()
    sharedSigma = try missing()
    fractionSigma = try missing()
  }

  /// A map whose errors are independent among voxels.
  ///
  /// - Precondition: `x` and `sigma` have one value for each voxel.
  public init(grid: Grid, x: [Float], sigma: [Float]) throws(VoxelithError) {
    try self.init(grid: grid)
    let none = [Float](repeating: 0, count: x.count)
    paste(
      x: x, sigma: sigma, sharedSigma: none, fractionSigma: none, information: sigma.map { 1 / ($0 * $0) })
  }

  /// Sets the voxels of a box, x fastest.
  ///
  /// - Parameters:
  ///   - sigma: standard deviation of x with all that enters it; counting has what the two parts that are named leave,
  ///     and a tenth of it at least.
  ///   - region: the box; nil for the whole map.
  /// - Precondition: every array has one value for each voxel of the box.
  public mutating func paste(
    x: [Float], sigma: [Float], sharedSigma: [Float], fractionSigma: [Float], information: [Float],
    into region: Region? = nil
  ) {
    let region = region ?? Region(whole: grid.shape)
    let variance = sigma.indices.map { voxel -> Float in
      let (s, a, b) = (sigma[voxel], sharedSigma[voxel], fractionSigma[voxel])
      return max(s * s - a * a - b * b, 0.01 * s * s)
    }
    self.x.paste(x, into: region, of: grid.shape)
    countingVariance.paste(variance, into: region, of: grid.shape)
    self.information.paste(information, into: region, of: grid.shape)
    self.sharedSigma.paste(sharedSigma, into: region, of: grid.shape)
    self.fractionSigma.paste(fractionSigma, into: region, of: grid.shape)
  }

  /// Whether a voxel takes part in denoising.
  func isUsable(_ voxel: Int) -> Bool {
    x[voxel].isFinite && information[voxel] > 0 && information[voxel].isFinite
      && countingVariance[voxel].isFinite
  }
}
