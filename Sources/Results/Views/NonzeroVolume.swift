import Volumetry

/// A volume in which zero stands for no value: NaN there.
struct NonzeroVolume: VolumeView {
  let base: any VolumeSource

  init(_ base: any VolumeSource) { self.base = base }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    .float32(try base.readFloats(region).map { $0 == 0 ? .nan : $0 })
  }
}
