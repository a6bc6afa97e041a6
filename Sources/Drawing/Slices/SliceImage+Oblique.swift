import Foundation
public import Volumetry

/// A plane of any direction through a volume.
public struct ObliquePlane: Sendable, Hashable {
  /// Point (x, y, z) in micrometres that lies in the middle of the picture.
  public var center: SIMD3<Double>
  /// Directions (x, y, z) to the right and downwards in the picture: of length one and upright on each other.
  public let right: SIMD3<Double>
  public let down: SIMD3<Double>
  public let normal: SIMD3<Double>

  /// The plane upright on a direction. The picture's down is the axis of the grid, z before y, that the plane
  /// holds best.
  ///
  /// - Throws: `usage` for a direction of no length.
  public init(center: SIMD3<Double>, normal: SIMD3<Double>) throws(VoxelithError) {
    let length = (normal * normal).sum().squareRoot()
    guard length.isFinite, length > 0, center.x.isFinite, center.y.isFinite, center.z.isFinite else {
      throw VoxelithError(.usage, "the direction of an oblique slice has no length")
    }
    let n = normal / length
    let guide = abs(n.z) < 0.9 ? SIMD3(0.0, 0, 1) : SIMD3(0.0, 1, 0)
    let flat = guide - (guide * n).sum() * n
    let down = flat / (flat * flat).sum().squareRoot()
    self.center = center
    self.normal = n
    self.down = down
    self.right = Self.cross(down, n)
  }

  static func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
  }
}

extension SliceImage {
  /// Cuts an oblique slice by trilinear interpolation, with square pixels of the smallest voxel side. What lies
  /// outside the volume is missing, and so is a pixel of which half or more comes from missing voxels.
  ///
  /// - Throws: `usage` where the plane misses the volume.
  public init(_ source: any VolumeSource, _ plane: ObliquePlane) throws(VoxelithError) {
    let grid = source.grid
    try grid.validate(file: source.name)
    let corners = (0..<8).map { corner in
      grid.origin + grid.extent * SIMD3(Double(corner & 1), Double(corner >> 1 & 1), Double(corner >> 2))
        - plane.center
    }
    func span(_ direction: SIMD3<Double>) -> (Double, Double) {
      let along = corners.map { ($0 * direction).sum() }
      return (along.min() ?? 0, along.max() ?? 0)
    }
    let depth = span(plane.normal)
    guard depth.0 <= 0, depth.1 >= 0 else {
      throw VoxelithError(.usage, "the oblique slice misses the volume", file: source.name)
    }
    let pixel = grid.spacing.min()
    let (left, right) = span(plane.right)
    let (top, bottom) = span(plane.down)
    let width = max(1, Int(((right - left) / pixel).rounded()))
    let height = max(1, Int(((bottom - top) / pixel).rounded()))
    guard width * height <= 100_000_000 else {
      throw VoxelithError(
        .usage, "an oblique slice of \(width) x \(height) pixels is too large", file: source.name)
    }
    let start = grid.coordinates(
      of: plane.center + plane.right * (left + 0.5 * pixel) + plane.down * (top + 0.5 * pixel))
    let right1 = plane.right * pixel / grid.spacing
    let down1 = plane.down * pixel / grid.spacing
    var values = [Float](repeating: .nan, count: width * height)
    // Square pieces, so that the box around each is small however the plane lies.
    let side = 128
    for top in stride(from: 0, to: height, by: side) {
      for left in stride(from: 0, to: width, by: side) {
        let rows = top..<min(height, top + side)
        let columns = left..<min(width, left + side)
        let first = start + right1 * Double(left) + down1 * Double(top)
        guard
          let sampler = try BoxSampler(
            source, around: first, right1 * Double(columns.count - 1), down1 * Double(rows.count - 1))
        else { continue }
        for y in rows {
          for x in columns {
            values[y * width + x] = sampler.value(at: start + right1 * Double(x) + down1 * Double(y))
          }
        }
      }
    }
    let cut = Self.trimmed(values, width: width, height: height)
    let n = plane.normal
    self.init(
      values: cut.values, width: cut.width, height: cut.height, pixelSize: (pixel, pixel),
      hasKnownSpacing: grid.hasKnownSpacing, axes: ("", ""),
      place: "oblique, normal (\(Ticks.number(n.x, digits: 2)), \(Ticks.number(n.y, digits: 2)), "
        + "\(Ticks.number(n.z, digits: 2))) xyz", name: source.name)
  }

  /// Without the borders that lie outside the volume.
  private static func trimmed(
    _ values: [Float], width: Int, height: Int
  ) -> (values: [Float], width: Int, height: Int) {
    let rows = (0..<height).filter { y in (0..<width).contains { !values[y * width + $0].isNaN } }
    let columns = (0..<width).filter { x in (0..<height).contains { !values[$0 * width + x].isNaN } }
    guard let top = rows.first, let bottom = rows.last, let left = columns.first, let right = columns.last
    else {
      return (values, width, height)
    }
    var result: [Float] = []
    for y in top...bottom { result += values[(y * width + left)...(y * width + right)] }
    return (result, right - left + 1, bottom - top + 1)
  }
}

/// Trilinear values in a box of a volume.
private struct BoxSampler {
  private let shape: Shape
  private let region: Region
  private let values: [Float]

  /// Reads the box around a parallelogram; nil where that lies outside the volume.
  init?(
    _ source: any VolumeSource, around corner: SIMD3<Double>, _ first: SIMD3<Double>, _ second: SIMD3<Double>
  ) throws(VoxelithError) {
    shape = source.grid.shape
    let corners = [corner, corner + first, corner + second, corner + first + second]
    func range(_ places: [Double], _ count: Int) -> Range<Int>? {
      guard let low = places.min(), let high = places.max(), high >= -0.5, low <= Double(count) - 0.5 else {
        return nil
      }
      return max(0, Int(low.rounded(.down)))..<min(count, max(0, Int(high.rounded(.down)) + 2))
    }
    guard let z = range(corners.map(\.z), shape.z), let y = range(corners.map(\.y), shape.y),
      let x = range(corners.map(\.x), shape.x)
    else { return nil }
    region = Region(
      lower: Shape(z: z.lowerBound, y: y.lowerBound, x: x.lowerBound),
      shape: Shape(z: z.count, y: y.count, x: x.count))
    values = try source.readFloats(region)
  }

  /// Value at fractional voxel coordinates (x, y, z).
  func value(at point: SIMD3<Double>) -> Float {
    guard point.x >= -0.5, point.y >= -0.5, point.z >= -0.5, point.x <= Double(shape.x) - 0.5,
      point.y <= Double(shape.y) - 0.5, point.z <= Double(shape.z) - 0.5
    else { return .nan }
    let low = SIMD3(point.x.rounded(.down), point.y.rounded(.down), point.z.rounded(.down))
    let part = point - low
    var sum = 0.0
    var total = 0.0
    for corner in 0..<8 {
      let side = SIMD3(Double(corner & 1), Double(corner >> 1 & 1), Double(corner >> 2))
      let weights = side * part + (1 - side) * (1 - part)
      let weight = weights.x * weights.y * weights.z
      if weight == 0 { continue }
      let at = low + side
      let x = min(max(Int(at.x) - region.lower.x, 0), region.shape.x - 1)
      let y = min(max(Int(at.y) - region.lower.y, 0), region.shape.y - 1)
      let z = min(max(Int(at.z) - region.lower.z, 0), region.shape.z - 1)
      let value = values[region.shape.index(z: z, y: y, x: x)]
      if value.isNaN { continue }
      sum += weight * Double(value)
      total += weight
    }
    return total > 0.5 ? Float(sum / total) : .nan
  }
}
