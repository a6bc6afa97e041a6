import Voxelith

/// An array of the caller as a volume; a fourth axis holds channels, of which it shows one.
struct LentVolume: VolumeSource {
  let array: LentArray
  let grid: Grid
  var voxelType: VoxelType { array.type }
  var chunkShape: Shape { Shape(z: 1, y: grid.shape.y, x: grid.shape.x) }
  var name: String { array.name }

  /// - Throws: `data` where the array has other axes than z, y, x.
  init(_ array: LentArray) throws(VoxelithError) {
    guard array.shape.count == 3 else {
      throw VoxelithError(
        .data, "the array '\(array.name)' has \(array.shape.count) axes where z, y, x are needed")
    }
    self.array = array
    grid = try array.grid()
  }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    return array.read(region, of: grid.shape)
  }
}
