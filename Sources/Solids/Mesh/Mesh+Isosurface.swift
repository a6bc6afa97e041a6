public import Volumetry

extension Mesh: LayeredSurface {
  var hasColors: Bool { colors.count == vertices.count && !colors.isEmpty }
  var colorReader: SurfaceColorReader? { nil }

  func forEachLayer(
    _ resources: Resources, _ body: (SurfaceLayer) throws(VoxelithError) -> Void
  ) throws(VoxelithError) {
    try body(SurfaceLayer(vertices: vertices, triangles: triangles, colors: colors))
  }

  /// A triangle, its share of the vertices (half a one) and of the normals, and the room in which arrays grow.
  private static let bytesPerTriangle = 64

  /// The surface where a volume has a value: an ``Isosurface`` as a whole in memory, without its colours.
  ///
  /// - Parameter limit: triangles at most.
  /// - Throws: `usage` where the level is not a number or the surface does not fit the memory budget, `data` where it
  ///   has more than `limit` triangles, and what reading throws.
  public init(
    isosurfaceOf source: any VolumeSource, level: Double, limit: Int = 50_000_000,
    resources: Resources = Resources()
  ) throws(VoxelithError) {
    self.init(vertices: [], triangles: [])
    let surface = try Isosurface(of: source, level: level, memory: resources.memory)
    try surface.forEachLayer(resources) { (layer) throws(VoxelithError) in
      let first = vertices.count - layer.earlier
      guard triangles.count + layer.triangles.count <= limit,
        first + layer.vertices.count < Int(UInt32.max)
      else {
        throw VoxelithError(
          .data, "the isosurface at \(level) has more than \(limit) triangles", file: source.name,
          advice: "smooth or coarsen the volume, or choose another level")
      }
      vertices += layer.vertices[layer.own]
      let shift = SIMD3(repeating: UInt32(first))
      for triangle in layer.triangles { triangles.append(triangle &+ shift) }
      guard triangles.count <= resources.memory / Self.bytesPerTriangle else {
        throw VoxelithError(
          .usage,
          "the isosurface at \(level) has more triangles than \(resources.memory / 1_000_000) MB hold",
          file: source.name,
          advice: "raise --memory, or draw or write the Isosurface, which is never in memory as a whole")
      }
    }
  }

  /// The surface with the colours of another volume at its vertices (the nearest voxel's; grey where missing).
  ///
  /// - Throws: what reading throws.
  public func colored(
    by source: any VolumeSource, scale: any ValueColors, missing: Color = Color(grey: 0.75),
    resources: Resources = Resources()
  ) throws(VoxelithError) -> Mesh {
    var reader = SurfaceColorReader(
      SurfaceColoring(source: source, scale: scale, missing: missing), memory: resources.memory)
    var result = self
    result.colors = []
    try reader.append(to: &result.colors, vertices[...])
    return result
  }
}
