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
  /// Between the directions to the light and to the viewer.
  private let halfway: SIMD3<Float>
  /// Last voxel that has a neighbour on its far side, per axis, and the steps to that neighbour.
  private let lastCorner: (x: Int, y: Int, z: Int)
  private let stepX: Int
  private let stepY: Int
  private let stepZ: Int
  private let hasMissing: Bool
  private let showsVoxels: Bool
  private let gradientScale: SIMD3<Float>
  private static let fine = 16

  init(
    volume: ByteVolume, cells: MacroCells, transfer: TransferFunction,
    clipping: [VolumeRendering.ClippingPlane], shading: Double, showsVoxels: Bool, quality: Double,
    projection: Projection
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
    self.showsVoxels = showsVoxels
    let diagonal = (grid.extent * grid.extent).sum().squareRoot()
    stepLength = min(grid.spacing.min(), diagonal / 500) / quality
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
    let between = toLight / (toLight * toLight).sum().squareRoot() - projection.forward
    halfway = SIMD3<Float>(between / (between * between).sum().squareRoot())
    lastCorner = (max(0, shape.x - 2), max(0, shape.y - 2), max(0, shape.z - 2))
    stepX = shape.x > 1 ? 1 : 0
    stepY = shape.y > 1 ? strideY : 0
    stepZ = shape.z > 1 ? strideZ : 0
    hasMissing = volume.hasMissing
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
    let inverse = 1 / Float(MacroCells.side)
    var color = SIMD3<Float>.zero
    var clear: Float = 1
    var index = 0
    while index < count {
      let point = start + step * Float(index)
      let cx = min(max(Int(point.x * inverse), 0), cellShape.x - 1)
      let cy = min(max(Int(point.y * inverse), 0), cellShape.y - 1)
      let cz = min(max(Int(point.z * inverse), 0), cellShape.z - 1)
      if !cells[(cz * cellShape.y + cy) * cellShape.x + cx] {
        let side = Float(MacroCells.side)
        index += Self.stepsToLeave(SIMD3(Float(cx), Float(cy), Float(cz)) * side, side, point, step)
        continue
      }
      index += 1
      let value = showsVoxels ? nearest(voxels, point) : sample(voxels, point)
      if value < 1 { continue }
      let entry = table[min(Int(value * Float(Self.fine) + 0.5), table.count - 1)]
      let alpha = entry.w
      if alpha <= 0 { continue }
      var rgb = SIMD3(entry.x, entry.y, entry.z)
      if shading > 0 { rgb = lit(rgb, voxels, point) }
      color += rgb * (clear * alpha)
      clear *= 1 - alpha
      if clear < 0.004 { break }
    }
    let opacity = 1 - clear
    guard opacity > 0.002 else { return (0, 0, 0, 0) }
    func byte(_ part: Float) -> UInt8 { UInt8(min(max(part / opacity, 0), 1) * 255 + 0.5) }
    return (byte(color.x), byte(color.y), byte(color.z), UInt8(min(1, opacity / 0.996) * 255 + 0.5))
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
  ///
  /// The corner is kept within the volume, so every index is one of the volume's and needs no further check.
  @inline(__always)
  private func sample(_ voxels: Span<UInt8>, _ point: SIMD3<Float>) -> Float {
    let sx = min(max(point.x - 0.5, 0), size.x - 1)
    let sy = min(max(point.y - 0.5, 0), size.y - 1)
    let sz = min(max(point.z - 0.5, 0), size.z - 1)
    let x0 = min(Int(sx), lastCorner.x)
    let y0 = min(Int(sy), lastCorner.y)
    let z0 = min(Int(sz), lastCorner.z)
    let fx = sx - Float(x0)
    let fy = sy - Float(y0)
    let fz = sz - Float(z0)
    let at = z0 * strideZ + y0 * strideY + x0
    let a = unsafe voxels[unchecked: at]
    let b = unsafe voxels[unchecked: at + stepX]
    let c = unsafe voxels[unchecked: at + stepY]
    let d = unsafe voxels[unchecked: at + stepY + stepX]
    let e = unsafe voxels[unchecked: at + stepZ]
    let f = unsafe voxels[unchecked: at + stepZ + stepX]
    let g = unsafe voxels[unchecked: at + stepZ + stepY]
    let h = unsafe voxels[unchecked: at + stepZ + stepY + stepX]
    if hasMissing, a == 0 || b == 0 || c == 0 || d == 0 || e == 0 || f == 0 || g == 0 || h == 0 {
      return Float(voxels[at + (fx > 0.5 ? stepX : 0) + (fy > 0.5 ? stepY : 0) + (fz > 0.5 ? stepZ : 0)])
    }
    let ab = Float(a) + fx * (Float(b) - Float(a))
    let cd = Float(c) + fx * (Float(d) - Float(c))
    let ef = Float(e) + fx * (Float(f) - Float(e))
    let gh = Float(g) + fx * (Float(h) - Float(g))
    let near = ab + fy * (cd - ab)
    let far = ef + fy * (gh - ef)
    return near + fz * (far - near)
  }

  /// Grey value of the voxel that a point lies in.
  private func nearest(_ voxels: Span<UInt8>, _ point: SIMD3<Float>) -> Float {
    let x = min(max(Int(point.x), 0), shape.x - 1)
    let y = min(max(Int(point.y), 0), shape.y - 1)
    let z = min(max(Int(point.z), 0), shape.z - 1)
    return Float(voxels[z * strideZ + y * strideY + x])
  }

  /// Colour under the light (Phong), where the grey values change enough to have a surface. The direction of the
  /// surface is that of the differences between the voxels around the nearest one.
  @inline(__always)
  private func lit(_ rgb: SIMD3<Float>, _ voxels: Span<UInt8>, _ point: SIMD3<Float>) -> SIMD3<Float> {
    let x = min(max(Int(point.x), 0), shape.x - 1)
    let y = min(max(Int(point.y), 0), shape.y - 1)
    let z = min(max(Int(point.z), 0), shape.z - 1)
    let at = z * strideZ + y * strideY + x
    let left = x > 0 ? 1 : 0
    let right = x + 1 < shape.x ? 1 : 0
    let back = y > 0 ? strideY : 0
    let front = y + 1 < shape.y ? strideY : 0
    let below = z > 0 ? strideZ : 0
    let above = z + 1 < shape.z ? strideZ : 0
    let gx = unsafe Float(voxels[unchecked: at + right]) - Float(voxels[unchecked: at - left])
    let gy = unsafe Float(voxels[unchecked: at + front]) - Float(voxels[unchecked: at - back])
    let gz = unsafe Float(voxels[unchecked: at + above]) - Float(voxels[unchecked: at - below])
    let gradient = SIMD3(gx, gy, gz) * gradientScale
    let squared = gradient.x * gradient.x + gradient.y * gradient.y + gradient.z * gradient.z
    guard squared > 0.25 else { return rgb }
    let length = squared.squareRoot()
    // The surface may face either way.
    let facing =
      abs(gradient.x * light.x + gradient.y * light.y + gradient.z * light.z) / length
    let shine = abs(gradient.x * halfway.x + gradient.y * halfway.y + gradient.z * halfway.z) / length
    let shine4 = shine * shine * shine * shine
    let weight = shading * min(1, length / 12)
    let lit = rgb * (0.35 + 0.75 * facing) + 0.18 * shine4 * shine4 * shine4
    return rgb + (lit - rgb) * weight
  }
}
