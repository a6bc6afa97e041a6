import Volumetry

/// Files of one slice each as one volume; no file is held open.
struct StackedVolume: DescribedVolume {
  let grid: Grid
  let voxelType: VoxelType
  let description: VolumeDescription
  private let paths: [String]
  private let threads: Int
  private let open: @Sendable (String) throws(VoxelithError) -> PlainVolume

  /// - Parameter open: opens one of the files.
  /// - Throws: `data` where a file has several slices or is unlike the first one.
  init(
    _ paths: [String], of path: String, kind: String, unread: String? = nil, options: VolumeOpenOptions,
    open: @escaping @Sendable (String) throws(VoxelithError) -> PlainVolume
  ) throws(VoxelithError) {
    let headers = try Parallel.map(paths.count, threads: options.threads) { (index) throws(VoxelithError) in
      let volume = try open(paths[index])
      return (shape: volume.grid.shape, type: volume.voxelType)
    }
    let first = headers[0]
    for (header, file) in zip(headers, paths)
    where header.shape != first.shape || header.type != first.type || header.shape.z != 1 {
      throw VoxelithError(
        .data,
        "the slice has \(header.shape) voxels (z, y, x) of \(header.type.rawValue), where the first one has \(first.shape) of \(first.type.rawValue)",
        file: file, advice: "a folder of slices needs one in each file, all alike")
    }
    let shape = Shape(z: paths.count, y: first.shape.y, x: first.shape.x)
    grid = try options.grid(shape, fileSpacing: nil, file: path)
    voxelType = first.type
    description = VolumeDescription(
      kind: kind, file: path, grid: grid, type: first.type, pages: paths.count, compression: "none",
      notes: ["from \(paths[0]) to \(paths[paths.count - 1])"]
    ).told(grid, unread: unread, options: options)
    self.paths = paths
    self.open = open
    threads = options.threads
  }

  var name: String { description.file }
  var chunkShape: Shape { Shape(z: 1, y: grid.shape.y, x: grid.shape.x) }

  func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    let plane = region.shape.y * region.shape.x * voxelType.size
    return try VoxelBuffer.filled(voxelType, count: region.count) { (bytes) throws(VoxelithError) in
      _ = try Parallel.map(region.shape.z, threads: threads) { (index) throws(VoxelithError) in
        let slice = try open(paths[region.lower.z + index])
        let lower = Shape(z: 0, y: region.lower.y, x: region.lower.x)
        let values = try slice.read(
          Region(lower: lower, shape: Shape(z: 1, y: region.shape.y, x: region.shape.x)))
        guard values.type == voxelType else {
          throw VoxelithError(
            .data, "the slice was changed while it was read", file: paths[region.lower.z + index])
        }
        unsafe try bytes.withPiece((index * plane)..<((index + 1) * plane)) {
          (target) throws(VoxelithError) in
          unsafe try values.withBytes { (source) throws(VoxelithError) in
            unsafe target.copyMemory(from: source)
          }
        }
      }
    }
  }
}
