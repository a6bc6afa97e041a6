import Foundation
import Volumetry

/// Colour along single lines of sight.
struct RayTracer: Sendable {
  let volume: BrickedVolume
  /// 1 for cubes of voxels that hold something to be seen.
  let cells: [UInt8]
  let cellShape: Shape
  let size: SIMD3<Float>
  private let spacing: SIMD3<Double>
  private let origin: SIMD3<Double>
  /// Colour, and the opacity of one step, at quarters of a grey step.
  let colors: [SIMD4<Float>]
  let alphas: [Float]
  let clipping: [VolumeRendering.ClippingPlane]
  let shading: Float
  private let stepLength: Double
  private let projection: Projection
  let light: SIMD3<Float>
  /// Between the directions to the light and to the viewer.
  let halfway: SIMD3<Float>
  let hasMissing: Bool
  let showsVoxels: Bool
  /// Makes the difference of two voxels two sides apart one over twice the smallest side.
  let gradientScale: SIMD3<Float>
  static let fine = 4

  init(
    grid: Grid, grey: ByteVolume.Grey, volume: BrickedVolume, cells: MacroCells, rendering: VolumeRendering
  ) {
    self.volume = volume
    self.cells = cells.isVisible
    cellShape = cells.shape
    let shape = grid.shape
    size = SIMD3(Float(shape.x), Float(shape.y), Float(shape.z))
    spacing = grid.spacing
    origin = grid.origin
    showsVoxels = rendering.showsVoxels
    let diagonal = (grid.extent * grid.extent).sum().squareRoot()
    stepLength = min(grid.spacing.min(), diagonal / 500) / min(max(rendering.quality, 0.25), 8)
    clipping = rendering.clipping
    shading = Float(min(max(rendering.shading, 0), 1))
    let projection = rendering.projection
    self.projection = projection
    let transfer = rendering.transfer
    let ratio = stepLength / (transfer.length ?? grid.extent.max() / 50)
    let values = (0...(255 * Self.fine)).map { grey.value(of: Double($0) / Double(Self.fine)) }
    colors = values.map { value in
      let color = transfer.scale.color(of: value)
      return SIMD4(Float(color.red), Float(color.green), Float(color.blue), 0)
    }
    alphas = values.map { value in
      Float(1 - exp(ratio * log(1 - min(transfer.opacity(at: value), 0.9999))))
    }
    // From above the left shoulder of the viewer.
    let toLight = -projection.forward + 0.45 * projection.up - 0.35 * projection.right
    let unit = toLight / (toLight * toLight).sum().squareRoot()
    light = SIMD3<Float>(unit)
    let between = unit - projection.forward
    halfway = SIMD3<Float>(between / (between * between).sum().squareRoot())
    hasMissing = grey.hasMissing
    gradientScale = SIMD3<Float>(grid.spacing.min() / grid.spacing)
  }

  /// Colours of neighbouring places of the picture: red, green, blue, opacity, not premultiplied.
  ///
  /// - Parameter x: at most ``RayKernel/lanes`` places, all at height `y`.
  func trace(x: [Double], y: Double, scratch: inout RayKernel.Scratch) -> [SIMD4<UInt8>] {
    if showsVoxels { return x.map { pixel(line(x: $0, y: y).map { marchVoxels($0) } ?? .zero) } }
    scratch.clear()
    for (lane, place) in x.enumerated() {
      if let line = line(x: place, y: y) { scratch.set(lane, line) }
    }
    RayKernel.march(self, &scratch)
    return x.indices.map { pixel(scratch.color(of: $0)) }
  }

  private func pixel(_ color: SIMD4<Float>) -> SIMD4<UInt8> {
    let opacity = color.w
    guard opacity > 0.002 else { return .zero }
    func byte(_ part: Float) -> UInt8 { UInt8(min(max(part / opacity, 0), 1) * 255 + 0.5) }
    return SIMD4(
      byte(color.x), byte(color.y), byte(color.z), UInt8(min(1, opacity / Self.solid) * 255 + 0.5))
  }

  /// The line of sight of a place of the picture within the volume and before the clipping planes.
  private func line(x: Double, y: Double) -> Line? {
    let ray = projection.ray(x: x, y: y)
    // In units of voxels from the outer corner.
    let start = (ray.origin - origin) / spacing
    let direction = ray.direction / spacing
    var near = 0.0
    var far = Double.infinity
    // Upright on the face, of the box or of a cut, that the line enters by.
    var face = SIMD3<Double>.zero
    for axis in 0..<3 {
      let length = Double(size[axis])
      if abs(direction[axis]) < 1e-12 {
        if start[axis] < 0 || start[axis] > length { return nil }
        continue
      }
      let a = -start[axis] / direction[axis]
      let b = (length - start[axis]) / direction[axis]
      if min(a, b) > near {
        near = min(a, b)
        face = .zero
        face[axis] = 1
      }
      far = min(far, max(a, b))
    }
    for plane in clipping {
      let speed = (ray.direction * plane.normal).sum()
      let distance = ((plane.point - ray.origin) * plane.normal).sum()
      if abs(speed) < 1e-12 {
        if distance < 0 { return nil }
      } else if speed > 0 {
        far = min(far, distance / speed)
      } else {
        if distance / speed > near {
          near = distance / speed
          face = plane.normal / (plane.normal * plane.normal).sum().squareRoot()
        }
      }
    }
    guard near < far else { return nil }
    // Samples lie at whole steps from the eye, so that neighbouring lines sample the same shells.
    let first = (near / stepLength).rounded(.up)
    let count = Int((far / stepLength).rounded(.down) - first)
    guard count >= 0 else { return nil }
    return Line(
      start: SIMD3<Float>(start + direction * (first * stepLength)),
      step: SIMD3<Float>(direction * stepLength), count: count + 1,
      entering: brightness(Float((face * SIMD3<Double>(light)).sum())))
  }

  /// Part of its colour that a face shows whose normal has this part along the light: all of it towards the light, and so
  /// little less beside it that colours still read off the bar.
  func brightness(_ facing: Float) -> Float {
    1 - Float(VolumeRendering.darkening) * shading * (1 - min(1, abs(facing)))
  }

  /// Opacity from which on nothing behind is seen.
  static let solid: Float = 0.996

  /// Samples of a line of sight, in units of voxels.
  struct Line {
    var start: SIMD3<Float>
    var step: SIMD3<Float>
    var count: Int
    /// Brightness of the face that the line enters by.
    var entering: Float
  }

  /// The cell of a point and the number of steps to beyond it.
  @inline(__always)
  func cell(_ point: SIMD3<Float>, _ step: SIMD3<Float>) -> (isVisible: Bool, steps: Int) {
    let side = Float(MacroCells.side)
    let cx = min(max(Int(point.x / side), 0), cellShape.x - 1)
    let cy = min(max(Int(point.y / side), 0), cellShape.y - 1)
    let cz = min(max(Int(point.z / side), 0), cellShape.z - 1)
    let corner = SIMD3(Float(cx), Float(cy), Float(cz)) * side
    var least = Float(1e6)
    for axis in 0..<3 {
      let speed = step[axis]
      if speed > 1e-9 {
        least = min(least, (corner[axis] + side - point[axis]) / speed)
      } else if speed < -1e-9 {
        least = min(least, (corner[axis] - point[axis]) / speed)
      }
    }
    return (cells[(cz * cellShape.y + cy) * cellShape.x + cx] == 1, max(1, Int(least) + 1))
  }
}
