import Volumetry

/// A volume whose infinite values are missing: NaN there.
struct FiniteVolume: VolumeView {
  let base: any VolumeSource

  init(_ base: any VolumeSource) { self.base = base }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    .float32(try base.readFloats(region).map { $0.isFinite ? $0 : .nan })
  }
}
