/// Directions out of a surface at its vertices, from the triangles around them weighed by area.
enum SurfaceNormals {
  /// Twice the area of a triangle, along its normal.
  @inline(__always)
  static func cross(_ a: SIMD3<Float>, _ b: SIMD3<Float>, _ c: SIMD3<Float>) -> SIMD3<Float> {
    let u = b - a
    let v = c - a
    return SIMD3(u.y * v.z - u.z * v.y, u.z * v.x - u.x * v.z, u.x * v.y - u.y * v.x)
  }

  static func add(
    _ triangles: Span<SIMD3<UInt32>>, _ vertices: Span<SIMD3<Float>>, to sums: inout [SIMD3<Float>]
  ) {
    var target = sums.mutableSpan
    for index in triangles.indices {
      let t = triangles[index]
      let (i, j, k) = (Int(t.x), Int(t.y), Int(t.z))
      let n = cross(vertices[i], vertices[j], vertices[k])
      target[i] += n
      target[j] += n
      target[k] += n
    }
  }

  static func normalized(_ sum: SIMD3<Float>) -> SIMD3<Float> {
    let length = (sum * sum).sum().squareRoot()
    return length > 0 ? sum / length : SIMD3(0, 0, 1)
  }
}
