import Foundation
import Volumetry

/// Colour along single lines of sight.
struct RayTracer: Sendable {
  private let voxels: [UInt8]
  private let cells: [Bool]
  private let cellShape: Shape
  private let shape: Shape
  private let strideY: Int
  private let strideZ: Int
  private let size: SIMD3<Float>
  private let spacing: SIMD3<Double>
  private let origin: SIMD3<Double>
  /// Colour times opacity of one step, and the opacity, at a sixteenth of a grey step.
  private let table: [SIMD4<Float>]
  private let clipping: [VolumeRendering.ClippingPlane]
  private let shading: Float
  private let stepLength: Double
  private let projection: Projection
  private let light: SIMD3<Float>
  private let view: SIMD3<Float>
  private let gradientScale: SIMD3<Float>
  private static let fine = 16

  init(
    volume: ByteVolume, cells: MacroCells, transfer: TransferFunction,
    clipping: [VolumeRendering.ClippingPlane], shading: Double, quality: Double, projection: Projection
  ) {
    let grid = volume.grid
    voxels = volume.voxels
    self.cells = cells.isVisible
    cellShape = cells.shape
    shape = grid.shape
    strideY = shape.x
    strideZ = shape.x * shape.y
    size = SIMD3(Float(shape.x), Float(shape.y), Float(shape.z))
    spacing = grid.spacing
    origin = grid.origin
    stepLength = grid.spacing.min() / quality
    self.clipping = clipping
    self.shading = Float(min(max(shading, 0), 1))
    self.projection = projection
    let length = transfer.length ?? grid.extent.max() / 50
    let ratio = stepLength / length
    let steps = 255 * Self.fine + 1
    table = (0..<steps).map { index in
      let value = volume.lower + (volume.upper - volume.lower) * (Double(index) / Double(Self.fine) - 1) / 254
      let color = transfer.scale.color(of: value)
      let opacity = min(transfer.opacity(at: value), 0.9999)
      let alpha = 1 - exp(ratio * log(1 - opacity))
      return SIMD4(Float(color.red), Float(color.green), Float(color.blue), Float(alpha))
    }
    // From above the left shoulder of the viewer.
    let toLight = -projection.forward + 0.45 * projection.up - 0.35 * projection.right
    light = SIMD3<Float>(toLight / (toLight * toLight).sum().squareRoot())
    view = SIMD3<Float>(-projection.forward)
    gradientScale = SIMD3<Float>(grid.spacing.min() / grid.spacing)
  }

  /// Red, green, blue, opacity of a place of the picture, not premultiplied.
  func trace(x: Double, y: Double) -> (UInt8, UInt8, UInt8, UInt8) {
    let ray = projection.ray(x: x, y: y)
    // In units of voxels from the outer corner.
    let start = (ray.origin - origin) / spacing
    let direction = ray.direction / spacing
    var near = 0.0
    var far = Double.infinity
    for axis in 0..<3 {
      let length = Double(size[axis])
      if abs(direction[axis]) < 1e-12 {
        if start[axis] < 0 || start[axis] > length { return (0, 0, 0, 0) }
        continue
      }
      let a = -start[axis] / direction[axis]
      let b = (length - start[axis]) / direction[axis]
      near = max(near, min(a, b))
      far = min(far, max(a, b))
    }
    for plane in clipping {
      let speed = (ray.direction * plane.normal).sum()
      let distance = ((plane.point - ray.origin) * plane.normal).sum()
      if abs(speed) < 1e-12 {
        if distance < 0 { return (0, 0, 0, 0) }
      } else if speed > 0 {
        far = min(far, distance / speed)
      } else {
        near = max(near, distance / speed)
      }
    }
    guard near < far else { return (0, 0, 0, 0) }
    // Samples lie at whole steps from the eye, so that neighbouring lines sample the same shells.
    let first = (near / stepLength).rounded(.up)
    let count = Int((far / stepLength).rounded(.down) - first)
    guard count >= 0 else { return (0, 0, 0, 0) }
    return march(
      SIMD3<Float>(start + direction * (first * stepLength)), SIMD3<Float>(direction * stepLength), count + 1)
  }

  private func march(
    _ start: SIMD3<Float>, _ step: SIMD3<Float>, _ count: Int
  ) -> (UInt8, UInt8, UInt8, UInt8) {
    let voxels = self.voxels.span
    let cells = self.cells.span
    let table = self.table.span
    let side = Float(MacroCells.side)
    var color = SIMD3<Float>.zero
    var clear: Float = 1
    var index = 0
    while index < count {
      let point = start + step * Float(index)
      let cx = min(max(Int(point.x / side), 0), cellShape.x - 1)
      let cy = min(max(Int(point.y / side), 0), cellShape.y - 1)
      let cz = min(max(Int(point.z / side), 0), cellShape.z - 1)
      if !cells[(cz * cellShape.y + cy) * cellShape.x + cx] {
        index += Self.stepsToLeave(SIMD3(Float(cx), Float(cy), Float(cz)) * side, side, point, step)
        continue
      }
      index += 1
      let value = sample(voxels, point)
      if value < 1 { continue }
      let entry = table[min(Int(value * Float(Self.fine) + 0.5), table.count - 1)]
      let alpha = entry.w
      if alpha < 0.0005 { continue }
      var rgb = SIMD3(entry.x, entry.y, entry.z)
      if shading > 0 { rgb = lit(rgb, voxels, point) }
      color += rgb * (clear * alpha)
      clear *= 1 - alpha
      if clear < 0.004 { break }
    }
    let opacity = 1 - clear
    guard opacity > 0.002 else { return (0, 0, 0, 0) }
    let out = (color / opacity).clamped(lowerBound: .zero, upperBound: SIMD3(repeating: 1)) * 255 + 0.5
    return (UInt8(out.x), UInt8(out.y), UInt8(out.z), UInt8(min(1, opacity / 0.996) * 255 + 0.5))
  }

  /// Whole steps from a point to beyond the cell it lies in.
  private static func stepsToLeave(
    _ corner: SIMD3<Float>, _ side: Float, _ point: SIMD3<Float>, _ step: SIMD3<Float>
  ) -> Int {
    var least = Float(1e9)
    for axis in 0..<3 {
      let speed = step[axis]
      if speed > 1e-9 {
        least = min(least, (corner[axis] + side - point[axis]) / speed)
      } else if speed < -1e-9 {
        least = min(least, (corner[axis] - point[axis]) / speed)
      }
    }
    return max(1, Int(min(least, 1e6)) + 1)
  }

  /// Trilinear grey value; the nearest one beside missing voxels, 0 in one.
  @inline(__always)
  private func sample(_ voxels: Span<UInt8>, _ point: SIMD3<Float>) -> Float {
    let shifted = (point - 0.5).clamped(lowerBound: .zero, upperBound: size - 1)
    let x0 = Int(shifted.x)
    let y0 = Int(shifted.y)
    let z0 = Int(shifted.z)
    let fx = shifted.x - Float(x0)
    let fy = shifted.y - Float(y0)
    let fz = shifted.z - Float(z0)
    let dx = x0 + 1 < shape.x ? 1 : 0
    let dy = y0 + 1 < shape.y ? strideY : 0
    let dz = z0 + 1 < shape.z ? strideZ : 0
    let at = z0 * strideZ + y0 * strideY + x0
    let a = voxels[at]
    let b = voxels[at + dx]
    let c = voxels[at + dy]
    let d = voxels[at + dy + dx]
    let e = voxels[at + dz]
    let f = voxels[at + dz + dx]
    let g = voxels[at + dz + dy]
    let h = voxels[at + dz + dy + dx]
    if a == 0 || b == 0 || c == 0 || d == 0 || e == 0 || f == 0 || g == 0 || h == 0 {
      return Float(voxels[at + (fx > 0.5 ? dx : 0) + (fy > 0.5 ? dy : 0) + (fz > 0.5 ? dz : 0)])
    }
    let ab = Float(a) + fx * (Float(b) - Float(a))
    let cd = Float(c) + fx * (Float(d) - Float(c))
    let ef = Float(e) + fx * (Float(f) - Float(e))
    let gh = Float(g) + fx * (Float(h) - Float(g))
    let near = ab + fy * (cd - ab)
    let far = ef + fy * (gh - ef)
    return near + fz * (far - near)
  }

  /// Colour under the light (Phong), where the grey values change enough to have a surface.
  private func lit(_ rgb: SIMD3<Float>, _ voxels: Span<UInt8>, _ point: SIMD3<Float>) -> SIMD3<Float> {
    let gradient =
      SIMD3(
        sample(voxels, point + SIMD3(1, 0, 0)) - sample(voxels, point - SIMD3(1, 0, 0)),
        sample(voxels, point + SIMD3(0, 1, 0)) - sample(voxels, point - SIMD3(0, 1, 0)),
        sample(voxels, point + SIMD3(0, 0, 1)) - sample(voxels, point - SIMD3(0, 0, 1))) * gradientScale
    let length = (gradient * gradient).sum().squareRoot()
    guard length > 0.5 else { return rgb }
    let normal = gradient / length
    // The surface may face either way.
    let facing = abs((normal * light).sum())
    let half = light + view
    let shine = abs((normal * half).sum()) / (half * half).sum().squareRoot()
    let shine4 = shine * shine * shine * shine
    let weight = shading * min(1, length / 12)
    let lit = rgb * (0.35 + 0.75 * facing) + 0.18 * shine4 * shine4 * shine4
    return rgb + (lit - rgb) * weight
  }
}
