public import Volumetry

/// Writes a volume as NXdata of an HDF5 file, box by box: `/entry/data/data` (z, y, x) and the centres of the
/// voxels `z y x` (um).
///
/// The file is written under a temporary name and gets its own when it is complete.
public final class HDF5VolumeWriter: VolumeSink {
  private let output: HDF5Output
  private let array: HDF5OutputArray
  private let grid: Grid
  private var written = 0

  /// Bytes that a chunk is filled up to: a slice of a usual volume.
  static let chunkBytes = 1 << 20

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - deflate: level of compression from 1 to 9; none by default.
  ///   - program: name and version that the file gives for its maker.
  /// - Throws: `cannotCreate` where the file exists and may not be overwritten.
  public init(
    path: String, grid: Grid, type: VoxelType, deflate: Int? = nil, overwrite: Bool = false,
    program: (name: String, version: String) = ("voxelith", "0"), note: String? = nil
  ) throws(VoxelithError) {
    try grid.validate(file: path)
    self.grid = grid
    output = try HDF5Output(path: path, overwrite: overwrite)
    try output.attribute("NX_class", .strings(["NXroot"]), of: "/")
    try output.attribute("default", .strings(["entry"]), of: "/")
    try output.group("/entry", class: "NXentry")
    try output.attribute("default", .strings(["data"]), of: "/entry")
    try output.group("/entry/data", class: "NXdata")
    array = try HDF5OutputArray(
      "/entry/data/data", in: output, type: type, shape: [grid.shape.z, grid.shape.y, grid.shape.x],
      chunk: Self.chunk(grid.shape, size: type.size),
      packing: deflate.map { .deflate(level: $0) } ?? .none)
    try output.axes(of: grid, in: "/entry/data", signal: "data")
    try output.process(program: program, note: note)
  }

  /// Whole rows of one slice, or a part of a row where even one is too long.
  static func chunk(_ shape: Shape, size: Int) -> [Int] {
    let voxels = max(1, chunkBytes / size)
    let x = min(shape.x, voxels)
    return [1, min(shape.y, max(1, voxels / x)), x]
  }

  public func write(_ buffer: VoxelBuffer, to region: Region) throws(VoxelithError) {
    guard region.fits(in: grid.shape) else {
      throw VoxelithError(.internal, "the region \(region) lies outside \(grid.shape)", file: output.path)
    }
    try array.write(
      buffer, start: [region.lower.z, region.lower.y, region.lower.x],
      count: [region.shape.z, region.shape.y, region.shape.x])
    written += region.count
  }

  /// - Throws: `internal` where voxels were left out; the file is then removed.
  public func finish() throws(VoxelithError) {
    guard written == grid.shape.count else {
      output.abandon()
      throw VoxelithError(
        .internal, "\(written) of \(grid.shape.count) voxels were written", file: output.path)
    }
    array.close()
    try output.finish()
  }

  public func abandon() {
    array.close()
    output.abandon()
  }
}
