package import Compton
package import Volumetry

/// Variance of an intensity in net counts: Poisson noise of signal and background, and a part of the mean that no
/// model of the electron density can be better than.
package struct CountVariance: VolumeView {
  /// Net counts.
  package let base: any VolumeSource
  /// Counts of the background that were taken off.
  package let background: Double
  /// Variance that is there without any counts.
  package let floor: Double

  package init(intensity: any VolumeSource, background: Double, floor: Double) {
    base = intensity
    self.background = background
    self.floor = floor
  }

  /// The variance of an intensity of a map.
  ///
  /// - Parameter liveTime: of each voxel in seconds; 1 where it is not known.
  package init(
    intensity: any VolumeSource, calibration: Calibration, liveTime: Double?
  ) throws(VoxelithError) {
    let basis = calibration.methods.profile
    let background = basis.fitRange.reduce(0) { $0 + basis.background.rate[$1] * (liveTime ?? 1) }
    let shape = intensity.grid.shape
    var mean = Moments()
    for z in 0..<shape.z {
      for value in try intensity.readFloats(Region(slices: z..<(z + 1), of: shape)) {
        mean.add(Double(value))
      }
    }
    // No density model is better than one part in a hundred.
    self.init(
      intensity: intensity, background: max(0, background), floor: 1e-4 * mean.mean * mean.mean)
  }

  package func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    .float32(
      try base.readFloats(region).map { Float(max(0, Double($0)) + background + floor) })
  }
}
