import Foundation
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
    var first = 0
    while let seen = buffer.fill(layer.triangles, from: first, corners, shades) {
      let t = layer.triangles[seen]
      for corner in [Int(t.x), Int(t.y), Int(t.z)] where shades[corner].x.isNaN {
        shades[corner] = light.shade(layer, corner)
      }
      first = seen
    }
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

  /// The colour of a vertex under the light.
  func shade(_ layer: SurfaceLayer, _ index: Int) -> SIMD3<Float> {
    let n = SIMD3<Double>(layer.normals[index])
    let facing = max(0, (n * toLight).sum())
    let shine = pow(max(0, (n * toShine).sum()), 24)
    let color = index < layer.colors.count ? layer.colors[index] : color
    let rgb = SIMD3(color.red, color.green, color.blue) * (0.32 + 0.72 * facing) + 0.16 * shine
    return SIMD3<Float>(rgb)
  }
}
