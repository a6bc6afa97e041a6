/// What is told of a surface as a whole.
public struct SurfaceSummary: Sendable, Hashable {
  public internal(set) var vertices = 0
  public internal(set) var triangles = 0
  /// Square micrometres.
  public internal(set) var area = 0.0
  /// Cubic micrometres within a closed surface (divergence theorem).
  public internal(set) var volume = 0.0
  /// The corners of the smallest box around the vertices, in micrometres; zero where there is none.
  var low = SIMD3<Float>(repeating: .infinity)
  var high = SIMD3<Float>(repeating: -.infinity)

  mutating func add(_ layer: SurfaceLayer) {
    vertices += layer.own.count
    triangles += layer.triangles.count
    for vertex in layer.vertices[layer.own] {
      low = pointwiseMin(low, vertex)
      high = pointwiseMax(high, vertex)
    }
    add(layer.triangles.span, layer.vertices.span)
  }

  /// Adds area and volume of triangles.
  mutating func add(_ triangles: Span<SIMD3<UInt32>>, _ vertices: Span<SIMD3<Float>>) {
    var (area, volume) = (area, volume)
    for index in triangles.indices {
      let t = triangles[index]
      let a = SIMD3<Double>(vertices[Int(t.x)])
      let b = SIMD3<Double>(vertices[Int(t.y)])
      let c = SIMD3<Double>(vertices[Int(t.z)])
      let n = Projection.cross(b - a, c - a)
      area += (n * n).sum().squareRoot() / 2
      volume += (a * Projection.cross(b, c)).sum() / 6
    }
    (self.area, self.volume) = (area, volume)
  }
}
