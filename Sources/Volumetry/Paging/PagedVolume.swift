/// A volume in a ``PagedArray``: it is filled box by box and read like a file, and may be larger than memory.
public struct PagedVolume<Element: VoxelElement>: VolumeSource {
  public let grid: Grid
  public private(set) var voxels: PagedArray<Element>

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
    var values: [Element] = []
    values.reserveCapacity(region.count)
    Self.forEachRun(region, of: grid.shape) { run in voxels.copy(run, to: &values) }
    voxels.memory.touched(region.count * MemoryLayout<Element>.stride)
    return Element.buffer(values)
  }

  /// Writes the voxels of a box, x fastest.
  public mutating func paste(_ values: [Element], into region: Region) {
    precondition(region.fits(in: grid.shape) && values.count == region.count)
    var start = 0
    Self.forEachRun(region, of: grid.shape) { run in
      voxels.replace(run, with: values.span.extracting(start..<(start + run.count)))
      start += run.count
    }
    voxels.memory.touched(region.count * MemoryLayout<Element>.stride)
  }

  /// The longest runs of neighbouring elements that make up a box: slices, or else rows.
  private static func forEachRun(_ region: Region, of shape: Shape, _ body: (Range<Int>) -> Void) {
    guard region.count > 0 else { return }
    let isFull = region.shape.y == shape.y && region.shape.x == shape.x
    for z in region.z {
      for y in isFull ? 0..<1 : region.y {
        let start = shape.index(z: z, y: y, x: region.lower.x)
        body(start..<(start + (isFull ? shape.y * shape.x : region.shape.x)))
      }
    }
  }
}
