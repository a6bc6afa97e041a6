import Volumetry

struct TIFFVolume: DescribedVolume {
  let grid: Grid
  let voxelType: VoxelType
  let description: VolumeDescription
  var name: String { description.file }
  var chunkShape: Shape { Shape(z: 1, y: grid.shape.y, x: grid.shape.x) }
  init(_ file: InputFile, options: VolumeOpenOptions) throws(VoxelithError) {
    throw VoxelithError(.data, "TIFF", file: file.path)
  }
  init(slices: [String], of path: String, options: VolumeOpenOptions) throws(VoxelithError) {
    throw VoxelithError(.data, "TIFF", file: path)
  }
  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer { .uint8([]) }
}
