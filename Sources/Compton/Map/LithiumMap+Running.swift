public import Volumetry

extension LithiumMap {
  /// Counts of a block in bytes: larger ones leave the cache between the passes.
  private static let usualBlock = 8 << 20
  /// The most where the source reads larger pieces at once.
  private static let largestBlock = 32 << 20

  /// Memory of a voxel in bytes: counts, and as many again where a source cannot fill the memory of others.
  private var bytesPerVoxel: Int { 8 * source.energy.count + 64 }

  /// Memory of a block in bytes: whole layers of the pieces that the source reads at once, unless these are too large.
  private var blockBytes: Int {
    let shape = source.grid.shape
    let layer = bytesPerVoxel * min(source.chunkShape.z, shape.z) * shape.y * shape.x
    return min(2 * Self.largestBlock, max(2 * Self.usualBlock, layer))
  }

  /// The blocks for a memory budget.
  public func plan(_ resources: Resources) throws(VoxelithError) -> BlockPlan {
    try BlockPlan(
      shape: source.grid.shape, bytesPerVoxel: bytesPerVoxel,
      memory: min(resources.memory, 512 << 20, blockBytes * (resources.threads + 1)),
      inFlight: resources.threads + 1, chunk: source.chunkShape, minimumBlocks: 4 * resources.threads)
  }

  /// Maps every block and hands the results on in order.
  ///
  /// - Parameter sums: what the spectra of the mapped voxels are added to.
  /// - Returns: the summary over all voxels.
  public func run(
    resources: Resources, sums: inout CountSums, consume: (Block, BlockResult) throws(VoxelithError) -> Void
  ) throws(VoxelithError) -> MapSummary {
    var summary = RowSummaries(source.grid.shape)
    memory?.open(memoryContext)
    let lasting = memory == nil ? nil : lastingPlan(resources)
    let plan = if let lasting { lasting } else { try plan(resources) }
    // Sums are exact, so the order in which blocks add to them does not show.
    let shared = Guarded(emptySums)
    let buffers = CountBuffers()
    try BlockStream.run(plan.blocks, stage: "map", resources: resources) {
      (block) throws(VoxelithError) in
      try self.map(block.core, addingTo: shared, buffers: buffers)
    } consume: { (block, result) throws(VoxelithError) in
      summary.add(result.rows, of: block.core)
      try consume(block, result)
    }
    sums.merge(shared.withLock { $0 })
    return summary.total
  }

  /// Maps every block without a care for the sums.
  public func run(
    resources: Resources, consume: (Block, BlockResult) throws(VoxelithError) -> Void
  ) throws(VoxelithError) -> MapSummary {
    var sums = emptySums
    return try run(resources: resources, sums: &sums, consume: consume)
  }

  /// Where a map's spectra are added up.
  public var emptySums: CountSums {
    CountSums(bins: source.energy.count, groups: pixelGroups.count, parts: depthParts.count)
  }
}

/// Memory of counts, used again by the next block.
final class CountBuffers: Sendable {
  private let idle = Guarded<[[Float]]>([])

  func take() -> [Float] { idle.withLock { $0.popLast() } ?? [] }
  func give(_ buffer: [Float]) { idle.withLock { $0.append(buffer) } }
}

/// Summaries of rows, merged in the order of the grid however blocks cut it.
struct RowSummaries {
  private(set) var total = MapSummary()
  private let shape: Shape
  /// Rows of slices that are not complete, and how many voxels they hold.
  private var open: [MapSummary] = []
  private var voxels = 0

  init(_ shape: Shape) { self.shape = shape }

  /// Adds the rows of a block; blocks come slice by slice.
  mutating func add(_ rows: [MapSummary], of region: Region) {
    if region.shape.y == shape.y, region.shape.x == shape.x {
      for row in rows { total.merge(row) }
      return
    }
    let slices = region.shape.z
    if open.isEmpty { open = [MapSummary](repeating: MapSummary(), count: slices * shape.y) }
    for (index, row) in rows.enumerated() {
      let (z, y) = (index / region.shape.y, index % region.shape.y)
      open[z * shape.y + region.lower.y + y].merge(row)
    }
    voxels += region.count
    guard voxels == slices * shape.y * shape.x else { return }
    for row in open { total.merge(row) }
    open = []
    voxels = 0
  }
}
