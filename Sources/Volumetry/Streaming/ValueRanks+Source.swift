extension ValueRanks {
  /// Reads a volume once.
  public init(_ source: any VolumeSource, resources: Resources) throws(VoxelithError) {
    let plan = try BlockPlan(
      shape: source.grid.shape, bytesPerVoxel: 12, memory: resources.memory / 2,
      inFlight: resources.threads + 1, chunk: source.chunkShape, minimumBlocks: 2 * resources.threads)
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
