import Voxelith

/// A source into a sink, block by block.
enum ArrayCopy {
  static func run(
    _ source: any VolumeSource, into sink: some VolumeSink, resources: Resources, chunk: Shape? = nil
  ) throws(VoxelithError) {
    let plan = try BlockPlan(
      shape: source.grid.shape, bytesPerVoxel: 2 * source.voxelType.size,
      memory: min(resources.memory / 2, 256 << 20), inFlight: resources.threads + 1,
      chunk: chunk ?? source.chunkShape, minimumBlocks: 2 * resources.threads)
    try BlockStream.run(plan, stage: "copy", resources: resources, into: sink) {
      (block) throws(VoxelithError) in
      try source.read(block.core)
    }
  }

  static func write(
    _ source: any VolumeSource, to path: String, overwrite: Bool = false, isLabels: Bool = false,
    isCompressed: Bool = false, resources: Resources
  ) throws(VoxelithError) {
    let sink = try VolumeOutput.create(
      path, grid: source.grid, type: source.voxelType, isLabels: isLabels, isCompressed: isCompressed,
      overwrite: overwrite, threads: resources.threads)
    try run(source, into: sink, resources: resources, chunk: VolumeOutput.chunk(path))
  }
}
