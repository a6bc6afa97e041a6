import Volumetry

/// A volume in which zero stands for no value: NaN there.
struct NonzeroVolume: VolumeSource {
  private let values: any VolumeSource

  init(_ values: any VolumeSource) { self.values = values }

  var grid: Grid { values.grid }
  var voxelType: VoxelType { .float32 }
  var chunkShape: Shape { values.chunkShape }
  var name: String { values.name }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    .float32(try values.readFloats(region).map { $0 == 0 ? .nan : $0 })
  }
}
