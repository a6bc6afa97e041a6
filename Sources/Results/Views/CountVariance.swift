package import Volumetry

/// Variance of an intensity in net counts: Poisson noise of signal and background, and a part of the mean that no
/// model of the electron density can be better than.
package struct CountVariance: VolumeSource {
  package let intensity: any VolumeSource
  /// Counts of the background that were taken off.
  package let background: Double
  /// Variance that is there without any counts.
  package let floor: Double

  package init(intensity: any VolumeSource, background: Double, floor: Double) {
    self.intensity = intensity
    self.background = background
    self.floor = floor
  }

  package var grid: Grid { intensity.grid }
  package var voxelType: VoxelType { .float32 }
  package var chunkShape: Shape { intensity.chunkShape }
  package var name: String { intensity.name }

  package func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    .float32(
      try intensity.readFloats(region).map { Float(max(0, Double($0)) + background + floor) })
  }
}
