import Foundation
public import Volumetry

/// A surface under light, drawn with a depth buffer.
public struct MeshRendering: Sendable {
  public let mesh: Mesh
  public var camera = Camera()
  /// Colour where the surface has none of its own.
  public var color = Color(hex: 0xC9B48F)

  public init(_ mesh: Mesh, camera: Camera = Camera(), color: Color? = nil) {
    self.mesh = mesh
    self.camera = camera
    if let color { self.color = color }
  }

  /// The picture on a clear ground, with edges smoothed by four samples a pixel.
  ///
  /// - Parameter grid: the box that the camera looks at.
  public func render(width: Int, height: Int, in grid: Grid) -> Raster {
    let projection = Projection(camera, center: grid.middle, extent: grid.extent)
    var buffer = DepthBuffer(width: 2 * width, height: 2 * height)
    let half = Double(min(width, height))
    let toLight = -projection.forward + 0.45 * projection.up - 0.35 * projection.right
    let light = toLight / (toLight * toLight).sum().squareRoot()
    let halfway = light - projection.forward
    let half2 = halfway / (halfway * halfway).sum().squareRoot()
    let normals = mesh.normals
    let corners = mesh.vertices.map { vertex -> SIMD3<Float> in
      let p = projection.project(SIMD3<Double>(vertex))
      return SIMD3<Float>(Float(Double(width) + p.x * half), Float(Double(height) - p.y * half), Float(p.z))
    }
    let shades = mesh.vertices.indices.map { index -> SIMD3<Float> in
      let n = SIMD3<Double>(normals[index])
      let facing = max(0, (n * light).sum())
      let shine = power(max(0, (n * half2).sum()), 24)
      let color = index < mesh.colors.count ? mesh.colors[index] : self.color
      let rgb = SIMD3(color.red, color.green, color.blue) * (0.32 + 0.72 * facing) + 0.16 * shine
      return SIMD3<Float>(rgb)
    }
    for t in mesh.triangles {
      let (i, j, k) = (Int(t.x), Int(t.y), Int(t.z))
      buffer.fill(corners[i], corners[j], corners[k], shades[i], shades[j], shades[k])
    }
    return buffer.halved()
  }
}

private struct DepthBuffer {
  let width: Int
  let height: Int
  private var depth: [Float]
  private var color: [SIMD3<Float>]

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    depth = [Float](repeating: .infinity, count: width * height)
    color = [SIMD3<Float>](repeating: .zero, count: width * height)
  }

  mutating func fill(
    _ a: SIMD3<Float>, _ b: SIMD3<Float>, _ c: SIMD3<Float>, _ ca: SIMD3<Float>, _ cb: SIMD3<Float>,
    _ cc: SIMD3<Float>
  ) {
    let area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
    guard area.isFinite, abs(area) > 1e-12 else { return }
    let left = max(0, Int(max(min(a.x, b.x, c.x), 0)))
    let right = min(width - 1, Int(min(max(a.x, b.x, c.x, -1), Float(width))))
    let top = max(0, Int(max(min(a.y, b.y, c.y), 0)))
    let bottom = min(height - 1, Int(min(max(a.y, b.y, c.y, -1), Float(height))))
    guard left <= right, top <= bottom else { return }
    for y in top...bottom {
      let py = Float(y) + 0.5
      for x in left...right {
        let px = Float(x) + 0.5
        let wa = ((b.x - px) * (c.y - py) - (b.y - py) * (c.x - px)) / area
        let wb = ((c.x - px) * (a.y - py) - (c.y - py) * (a.x - px)) / area
        let wc = 1 - wa - wb
        if wa < 0 || wb < 0 || wc < 0 { continue }
        let z = wa * a.z + wb * b.z + wc * c.z
        let at = y * width + x
        if z < depth[at] {
          depth[at] = z
          color[at] = ca * wa + cb * wb + cc * wc
        }
      }
    }
  }

  /// Two by two samples to a pixel.
  func halved() -> Raster {
    var raster = Raster(width: width / 2, height: height / 2)
    for y in 0..<(height / 2) {
      for x in 0..<(width / 2) {
        var sum = SIMD3<Float>.zero
        var count: Float = 0
        for at in [
          2 * y * width + 2 * x, 2 * y * width + 2 * x + 1, (2 * y + 1) * width + 2 * x,
          (2 * y + 1) * width + 2 * x + 1,
        ]
        where depth[at] < .infinity {
          sum += color[at]
          count += 1
        }
        if count > 0 {
          let mean = sum / count
          raster[x, y] = Color(
            red: Double(mean.x), green: Double(mean.y), blue: Double(mean.z), alpha: Double(count) / 4)
        }
      }
    }
    return raster
  }
}
