import Volumetry

/// A volume whose voxels lie uncompressed in a file, plane by plane, behind a header of any kind.
struct PlainVolume: DescribedVolume {
  let grid: Grid
  let description: VolumeDescription
  private let reader: PlaneReader

  /// - Parameters:
  ///   - planes: first byte of each plane.
  ///   - name: the file as the user knows it, where the voxels were unpacked to another one.
  ///   - compression: how the user's file packs them.
  /// - Throws: `data` where a plane does not lie within the file.
  init(
    _ file: InputFile, kind: String, type: VoxelType, shape: Shape, planes: [Int], isBigEndian: Bool,
    spacing: SIMD3<Double>?, source: String? = nil, corner: String? = nil, unread: String? = nil,
    notes: [String] = [], name: String? = nil, compression: String = "none", options: VolumeOpenOptions
  ) throws(VoxelithError) {
    guard let count = shape.checkedCount, count > 0, planes.count == shape.z else {
      throw VoxelithError(.data, "a volume of \(shape) voxels is not possible", file: file.path)
    }
    let plane = shape.y * shape.x * type.size
    for (z, offset) in planes.enumerated() where offset < 0 || plane > file.size || offset > file.size - plane
    {
      throw VoxelithError(
        .data, "slice \(z) of \(shape.z) lies beyond the end of the file: the file is truncated",
        file: file.path)
    }
    let found = spacing.flatMap { spacing in
      (0..<3).allSatisfy { spacing[$0] > 0 && spacing[$0].isFinite } ? spacing : nil
    }
    grid = try options.grid(shape, fileSpacing: found, file: name ?? file.path)
    reader = PlaneReader(
      file: file, shape: shape, type: type, swapsBytes: isBigEndian && type.size > 1, planeOffsets: planes,
      threads: options.threads)
    description = VolumeDescription(
      kind: kind, file: name ?? file.path, grid: grid, type: type, pages: shape.z, compression: compression,
      byteOrder: isBigEndian ? "big" : "little", notes: notes
    ).told(grid, size: source, corner: corner, unread: unread, options: options)
  }

  /// First bytes of planes that lie one behind the other.
  ///
  /// - Throws: `data` where the file ends before, and before a place is kept for each plane that a header claims.
  static func planes(
    _ count: Int, of size: Int, from offset: Int, in file: InputFile
  ) throws(VoxelithError) -> [Int] {
    let whole = offset >= 0 && offset <= file.size && size > 0 ? (file.size - offset) / size : 0
    guard count <= whole else {
      throw VoxelithError(
        .data, "slice \(whole) of \(count) lies beyond the end of the file: the file is truncated",
        file: file.path)
    }
    return (0..<max(0, count)).map { offset + $0 * size }
  }

  var voxelType: VoxelType { reader.type }
  var name: String { description.file }
  var chunkShape: Shape { Shape(z: 1, y: grid.shape.y, x: grid.shape.x) }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    return try reader.read(region)
  }
}
