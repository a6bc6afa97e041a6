import Volumetry

/// A headerless file whose shape and type the caller gives.
struct RawVolume: DescribedVolume {
  let grid: Grid
  let voxelType: VoxelType
  let description: VolumeDescription
  private let reader: PlaneReader

  var name: String { reader.file.path }
  var chunkShape: Shape { Shape(z: 1, y: grid.shape.y, x: grid.shape.x) }

  /// - Throws: `usage` where shape or offset make no sense; `data` where the file has another length.
  init(
    _ file: InputFile, shape: Shape, type: VoxelType, options: VolumeOpenOptions
  ) throws(VoxelithError) {
    guard let count = shape.checkedCount, count > 0, options.rawOffset >= 0,
      case (let bytes, let tooMany) = count.multipliedReportingOverflow(by: type.size), !tooMany,
      case (let end, let beyond) = bytes.addingReportingOverflow(options.rawOffset), !beyond
    else {
      throw VoxelithError(
        .usage, "a raw volume of \(shape) voxels from byte \(options.rawOffset) on makes no sense",
        file: file.path)
    }
    guard end == file.size else {
      throw VoxelithError(
        .data,
        "the file has \(file.size) bytes, but \(shape) voxels of \(type.rawValue) after \(options.rawOffset) bytes make \(end)",
        file: file.path, advice: "check the shape (z, y, x), the type and the offset")
    }
    grid = try options.grid(shape, fileSpacing: nil, file: file.path)
    voxelType = type
    let plane = shape.y * shape.x * type.size
    reader = PlaneReader(
      file: file, shape: shape, type: type, swapsBytes: options.rawBigEndian && type.size > 1,
      planeOffsets: (0..<shape.z).map { options.rawOffset + $0 * plane }, threads: options.threads)
    description = VolumeDescription(
      kind: "raw", file: file.path, grid: grid, type: type, pages: shape.z, compression: "none",
      byteOrder: options.rawBigEndian ? "big" : "little"
    ).told(grid, options: options)
  }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    return try reader.read(region)
  }
}
