public import Volumetry

/// A view of a volume whose voxels are means of whole boxes of source voxels.
///
/// Voxels at the far border that do not fill a box are left out, so that every mean has the same weight.
/// Missing voxels are left out of the mean; below half of a box the mean is NaN.
public struct BinnedVolume: VolumeSource {
  public let source: any VolumeSource
  /// Source voxels per voxel along each axis.
  public let factor: Shape
  public let grid: Grid
  public var voxelType: VoxelType { .float32 }
  public var chunkShape: Shape {
    let chunk = source.chunkShape
    return Shape(
      z: min(grid.shape.z, max(1, chunk.z / factor.z)), y: min(grid.shape.y, max(1, chunk.y / factor.y)),
      x: min(grid.shape.x, max(1, chunk.x / factor.x)))
  }
  public var name: String { source.name }

  /// Factors are cut to the sides of the source.
  public init(_ source: any VolumeSource, by factor: Shape) {
    let shape = source.grid.shape
    func usable(_ factor: Int, _ side: Int) -> Int { min(max(1, factor), max(1, side)) }
    let used = Shape(
      z: usable(factor.z, shape.z), y: usable(factor.y, shape.y), x: usable(factor.x, shape.x))
    self.source = source
    self.factor = used
    var grid = source.grid
    grid.shape = Shape(z: shape.z / used.z, y: shape.y / used.y, x: shape.x / used.x)
    grid.spacing *= SIMD3(Double(used.x), Double(used.y), Double(used.z))
    self.grid = grid
  }

  public func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    let box = Region(
      lower: Shape(z: region.lower.z * factor.z, y: region.lower.y * factor.y, x: region.lower.x * factor.x),
      shape: Shape(z: region.shape.z * factor.z, y: region.shape.y * factor.y, x: region.shape.x * factor.x))
    let voxels = try source.readFloats(box)
    if factor == Shape(z: 1, y: 1, x: 1) { return .float32(voxels) }
    let map = VoxelMap(from: grid, through: .identity, to: source.grid)
    return .float32(AreaAverage.average(voxels, box: box, targets: region, map: map))
  }

  /// The binned volume in memory, read in slabs of bounded size by several threads.
  public func load(resources: Resources, stage: String = "bin") throws(VoxelithError) -> Volume<Float> {
    let plan = try BlockPlan(
      shape: grid.shape, bytesPerVoxel: 12 * factor.count + 4, memory: resources.memory,
      inFlight: resources.threads + 1, minimumBlocks: 2 * resources.threads)
    let sink = MemorySink<Float>(grid: grid)
    let view = self
    try BlockStream.run(plan, stage: stage, resources: resources, into: sink) {
      (block) throws(VoxelithError) in
      try view.read(block.core)
    }
    return sink.volume
  }
}
