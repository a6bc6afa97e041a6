public import Volumetry

extension LithiumMap {
  /// Maps a range of slices and hands the results on in order, for work that is shared out.
  ///
  /// - Parameter sums: what the spectra of the mapped voxels are added to.
  /// - Returns: the summaries of the rows in their order. Merged over all ranges in the order of the slices they give
  ///   what ``run(resources:consume:)`` gives, to the last bit.
  public func run(
    slices: Range<Int>, resources: Resources, sums: inout CountSums,
    consume: (Block, BlockResult) throws(VoxelithError) -> Void
  ) throws(VoxelithError) -> [MapSummary] {
    let shape = source.grid.shape
    guard slices.lowerBound >= 0, slices.upperBound <= shape.z, !slices.isEmpty else {
      throw VoxelithError(.usage, "there are no slices \(slices) of \(shape.z)", file: source.name)
    }
    var rows: [MapSummary] = []
    let slab = Region(slices: slices, of: shape)
    let plan = try BlockPlan(
      shape: slab.shape, bytesPerVoxel: 8 * source.energy.count + 64,
      memory: min(resources.memory, 512 << 20),
      inFlight: resources.threads + 1, minimumBlocks: 4 * resources.threads)
    // A row must lie in one block, as it does in a whole map.
    let blocks = plan.blocks.map { block in
      var core = block.core
      core.lower.z += slices.lowerBound
      return Block(index: block.index, region: core)
    }
    let shared = Guarded(emptySums)
    let buffers = CountBuffers()
    try BlockStream.run(blocks, stage: "map", resources: resources) { (block) throws(VoxelithError) in
      try self.map(block.core, addingTo: shared, buffers: buffers)
    } consume: { (block, result) throws(VoxelithError) in
      rows += result.rows
      try consume(block, result)
    }
    sums.merge(shared.withLock { $0 })
    return rows
  }
}
