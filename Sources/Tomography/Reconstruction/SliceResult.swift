/// One slice (z, x) of a reconstruction.
public struct SliceResult: Sendable {
  /// Density: the first number of the projections for each voxel and pitch of path, and its standard deviation.
  public var density: [Float]
  public var densitySigma: [Float]
  /// Second number over first, and its standard deviation from counts, regularisation and density.
  public var contrast: [Float]
  public var contrastSigma: [Float]
  /// The part of the variance of the contrast that the regularisation leaves.
  public var biasVariance: [Float]
  /// Mean square of the residuals of the rays through a voxel over what counts explain.
  public var misfit: [Float]
  /// Errors of the mean contrast over the voxels that are not empty, sample by sample, and how many voxels these are.
  public var meanErrors: [Double]
  public var isEmpty: [Bool]
  /// Width of the response to a point at half its height, in voxels; median of a few points. NaN where the slice is empty.
  public var resolution: Double
  /// Residuals of the second number: chi-squared, and the number of rays less that of what was fitted.
  public var chiSquared: Double
  public var degreesOfFreedom: Double
}
