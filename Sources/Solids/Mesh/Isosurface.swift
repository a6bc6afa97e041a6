public import Volumetry

/// The surface where a volume has a value, made by marching cubes on the centres of voxels whenever it is drawn or
/// written, and never held as a whole: a few slices and what lies between them are in memory.
///
/// Inside is where the value is `level` or more. Missing voxels and everything beyond the volume are outside, so the
/// surface is always closed; towards them it lies on the border of the voxel. ``Mesh`` holds such a surface.
public struct Isosurface: Sendable, LayeredSurface {
  public let source: any VolumeSource
  public let level: Double
  private(set) var coloring: SurfaceColoring?
  /// Bytes that slices may take.
  let memory: Int
  /// Called with the number of triangles when all layers have been made.
  package var check: @Sendable (Int) throws(VoxelithError) -> Void = { (_) throws(VoxelithError) in }

  /// - Parameter memory: bytes that the slices in memory may take. The surface does not depend on it.
  /// - Throws: `usage` where the level is not a number, `data` where the grid is not usable.
  public init(
    of source: any VolumeSource, level: Double, memory: Int = Resources().memory
  ) throws(VoxelithError) {
    try source.grid.validate(file: source.name)
    guard level.isFinite else { throw VoxelithError(.usage, "the level of an isosurface is a number") }
    self.source = source
    self.level = level
    self.memory = memory
  }

  public var grid: Grid { source.grid }
  var hasColors: Bool { coloring != nil }
  var colorReader: SurfaceColorReader? { coloring.map { SurfaceColorReader($0, memory: memory) } }

  /// The surface with the colours of another volume at its vertices (the nearest voxel's; `missing` where it has none).
  public func colored(
    by source: any VolumeSource, scale: any ValueColors, missing: Color = Color(grey: 0.75)
  ) -> Isosurface {
    var result = self
    result.coloring = SurfaceColoring(source: source, scale: scale, missing: missing)
    return result
  }

  /// Boxes of slices of which those in flight take a quarter of the memory.
  private func blocks(_ resources: Resources) -> [Block] {
    let shape = grid.shape
    // As the file holds them, as floats, and what a view makes on the way.
    let bytes = 16 * shape.y * shape.x * 2 * (resources.threads + 1)
    let fitting = max(1, memory / 4 / max(1, bytes))
    let chunk = max(1, source.chunkShape.z)
    var depth = min(fitting, max(16, chunk), shape.z)
    if depth > chunk { depth -= depth % chunk }
    return Block.slices(of: shape, depth: depth)
  }

  func forEachLayer(
    _ resources: Resources, _ body: (SurfaceLayer) throws(VoxelithError) -> Void
  ) throws(VoxelithError) {
    let shape = grid.shape
    let (source, level) = (source, Float(level))
    var builder = IsosurfaceBuilder(grid: grid, level: level)
    var below = VoxelSlice(outside: shape)
    var triangles = 0
    func add(_ z: Int, _ above: VoxelSlice) throws(VoxelithError) {
      let layer = builder.layer(z: z - 1, below: below, above: above)
      below = above
      triangles += layer.triangles.count
      try body(layer)
    }
    try BlockStream.run(
      blocks(resources), stage: "isosurface", resources: resources,
      work: { (block) throws(VoxelithError) -> [VoxelSlice] in
        let values = try source.readFloats(block.core)
        return (0..<block.core.shape.z).map { VoxelSlice(values, slice: $0, shape: shape, level: level) }
      },
      consume: { (block, slices) throws(VoxelithError) in
        for (index, slice) in slices.enumerated() { try add(block.core.lower.z + index, slice) }
      })
    try add(shape.z, VoxelSlice(outside: shape))
    try check(triangles)
  }
}
