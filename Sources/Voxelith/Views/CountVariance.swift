import Volumetry

/// Variance of an intensity in net counts: Poisson noise of signal and background, and a part of the mean that no
/// model of the electron density can be better than.
struct CountVariance: VolumeSource {
  let intensity: any VolumeSource
  /// Counts of the background that were taken off.
  let background: Double
  /// Variance that is there without any counts.
  let floor: Double

  var grid: Grid { intensity.grid }
  var voxelType: VoxelType { .float32 }
  var chunkShape: Shape { intensity.chunkShape }
  var name: String { intensity.name }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    .float32(
      try intensity.readFloats(region).map { Float(max(0, Double($0)) + background + floor) })
  }
}
