/// A volume in a ``PagedArray``: it is filled box by box and read like a file, and may be larger than memory. Whoever holds it sees the
/// same voxels.
public struct PagedVolume<Element: VoxelElement>: VolumeSource {
  public let grid: Grid
  public let voxels: PagedArray<Element>

  /// A volume of zeros.
  ///
  /// - Throws: as ``PagedArray/init(repeating:count:in:)``.
  public init(grid: Grid, in memory: WorkingMemory) throws(VoxelithError) {
    self.grid = grid
    voxels = try PagedArray(repeating: .zeroValue, count: grid.shape.count, in: memory)
  }

  public var voxelType: VoxelType { Element.voxelType }
  public var chunkShape: Shape { Shape(z: 1, y: grid.shape.y, x: grid.shape.x) }
  public var name: String { "volume in working memory" }

  public func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    return Element.buffer(voxels.box(region, of: grid.shape))
  }

  /// Writes the voxels of a box, x fastest.
  public func paste(_ values: [Element], into region: Region) {
    voxels.paste(values, into: region, of: grid.shape)
  }
}
