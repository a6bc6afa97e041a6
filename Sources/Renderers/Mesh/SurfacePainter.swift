import Volumetry

/// Draws the layers of a surface, one after the other.
struct SurfacePainter {
  private let projection: Projection
  private let middle: SIMD2<Double>
  private let half: Double
  private let light: SurfaceLight
  private var buffer: DepthBuffer
  /// Places of the vertices of the last layer in the picture, and their colours under light, not a number until asked for.
  private var corners: [SIMD3<Float>] = []
  private var shades: [SIMD3<Float>] = []

  /// - Parameter color: of vertices without one.
  init(_ projection: Projection, width: Int, height: Int, color: Color) {
    self.projection = projection
    middle = SIMD2(Double(width), Double(height))
    half = Double(min(width, height))
    light = SurfaceLight(projection, color: color)
    buffer = DepthBuffer(width: 2 * width, height: 2 * height)
  }

  func raster() -> Raster { buffer.halved() }

  mutating func draw(_ layer: SurfaceLayer) {
    corners.removeFirst(corners.count - layer.earlier)
    shades.removeFirst(shades.count - layer.earlier)
    corners.reserveCapacity(layer.vertices.count)
    for vertex in layer.vertices[layer.own] {
      let p = projection.project(SIMD3<Double>(vertex))
      corners.append(
        SIMD3<Float>(Float(middle.x + p.x * half), Float(middle.y - p.y * half), Float(p.z)))
    }
    shades.append(contentsOf: repeatElement(SIMD3(.nan, 0, 0), count: layer.own.count))
    let places = corners
    var colors = shades
    shades = []
    light.fill(&buffer, with: layer, at: places.span, &colors)
    shades = colors
  }
}

/// Light on a surface from the upper left behind the eye.
private struct SurfaceLight {
  private let toLight: SIMD3<Double>
  /// Between the directions to the light and to the eye.
  private let toShine: SIMD3<Double>
  private let color: Color

  init(_ projection: Projection, color: Color) {
    let side = -projection.forward + 0.45 * projection.up - 0.35 * projection.right
    toLight = side / (side * side).sum().squareRoot()
    let halfway = toLight - projection.forward
    toShine = halfway / (halfway * halfway).sum().squareRoot()
    self.color = color
  }

  func fill(
    _ buffer: inout DepthBuffer, with layer: SurfaceLayer, at corners: Span<SIMD3<Float>>,
    _ colors: inout [SIMD3<Float>]
  ) {
    let triangles = layer.triangles.span
    var shades = colors.mutableSpan
    for index in triangles.indices {
      let t = triangles[index]
      let (i, j, k) = (Int(t.x), Int(t.y), Int(t.z))
      guard let box = buffer.reach(corners[i], corners[j], corners[k]) else { continue }
      for corner in [i, j, k] where shades[corner].x.isNaN { shades[corner] = shade(layer, corner) }
      buffer.fill(box, corners[i], corners[j], corners[k], shades[i], shades[j], shades[k])
    }
  }

  private func shade(_ layer: SurfaceLayer, _ index: Int) -> SIMD3<Float> {
    let n = SIMD3<Double>(layer.normals[index])
    let facing = max(0, (n * toLight).sum())
    let shine = power(max(0, (n * toShine).sum()), 24)
    let color = index < layer.colors.count ? layer.colors[index] : color
    let rgb = SIMD3(color.red, color.green, color.blue) * (0.32 + 0.72 * facing) + 0.16 * shine
    return SIMD3<Float>(rgb)
  }
}
