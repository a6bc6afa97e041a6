extension ValueRanks {
  /// Reads a volume once.
  public init(_ source: any VolumeSource, resources: Resources) throws(VoxelithError) {
    // Small blocks, which leave little memory behind for what comes after.
    let shape = source.grid.shape
    let plan = try BlockPlan(
      shape: shape, bytesPerVoxel: 12, memory: resources.memory / 2,
      inFlight: resources.threads + 1, chunk: source.chunkShape,
      minimumBlocks: max(2 * resources.threads, shape.count >> 20))
    self = try BlockStream.reduce(
      plan.blocks, stage: "range of values", resources: resources, into: ValueRanks()
    ) { (block) throws(VoxelithError) in
      var ranks = ValueRanks()
      ranks.add(try source.read(block.core))
      return ranks
    } combine: {
      $0.merge($1)
    }
  }
}
