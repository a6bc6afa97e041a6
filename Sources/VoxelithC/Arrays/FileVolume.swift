import Voxelith

/// A volume in a type that volume files have: whole numbers of 64 bits and halves as doubles.
struct FileVolume: VolumeSource {
  private let source: LentVolume
  var grid: Grid { source.grid }
  var chunkShape: Shape { source.chunkShape }
  var name: String { source.name }

  init(_ source: LentVolume) { self.source = source }

  private var isPlain: Bool { ![.int64, .uint64, .float16].contains(source.voxelType) }
  var voxelType: VoxelType { isPlain ? source.voxelType : .float64 }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    let buffer = try source.read(region)
    return isPlain ? buffer : .float64(buffer.doubles())
  }
}
