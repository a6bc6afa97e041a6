extension MapSummary {
  /// Adds a voxel whose x was found in another way than by the fit of its spectrum.
  ///
  /// - Parameters:
  ///   - sigma: all of its standard deviation; `sharedSigma` the part that all voxels share.
  package mutating func add(
    x: Double, sigma: Double, sharedSigma: Double, intensity: Double, misfit: Double, status: VoxelStatus
  ) {
    var fit = VoxelFit(status: status)
    if status.hasValue {
      fit.x = x
      fit.sigma = sigma
      fit.sharedSigma = sharedSigma
      fit.deviance = misfit
      fit.expectedDeviance = 1
    }
    add(VoxelResult(fit: fit, intensity: intensity))
  }
}
