package import Volumetry

/// The affine map from voxel numbers (x, y, z) of one grid to fractional voxel coordinates of another.
package struct VoxelMap: Sendable {
  package let linear: LinearMap
  package let offset: SIMD3<Double>

  /// From voxels of `target` through `transform` to voxels of `source`.
  package init(from target: Grid, through transform: SpatialTransform, to source: Grid) {
    let scaled = LinearMap(
      rows: transform.linear.x * target.spacing / source.spacing.x,
      transform.linear.y * target.spacing / source.spacing.y,
      transform.linear.z * target.spacing / source.spacing.z)
    linear = scaled
    offset = source.coordinates(of: transform(target.center(z: 0, y: 0, x: 0)))
  }

  package func callAsFunction(x: Double, y: Double, z: Double) -> SIMD3<Double> {
    linear * SIMD3(x, y, z) + offset
  }

  /// Step of the source coordinates for one target voxel along x, y, z.
  package var columns: (x: SIMD3<Double>, y: SIMD3<Double>, z: SIMD3<Double>) {
    let t = linear.transposed
    return (t.x, t.y, t.z)
  }

  /// Whether the axes of both grids are parallel and point the same way.
  package var isAxisAligned: Bool {
    let size = 1e-9 * max(abs(linear.x.x), abs(linear.y.y), abs(linear.z.z))
    let off = [linear.x.y, linear.x.z, linear.y.x, linear.y.z, linear.z.x, linear.z.y]
    return off.allSatisfy { abs($0) <= size } && linear.x.x > 0 && linear.y.y > 0 && linear.z.z > 0
  }

  /// The box of source voxels that a box of target voxels touches, with `margin` target voxels and
  /// `support` source voxels around; nil where it misses the source.
  package func footprint(of region: Region, margin: Double, support: Int, in bounds: Shape) -> Region? {
    var low = SIMD3<Double>(repeating: .infinity)
    var high = SIMD3<Double>(repeating: -.infinity)
    for corner in 0..<8 {
      func side(_ range: Range<Int>, _ bit: Int) -> Double {
        corner & bit == 0 ? Double(range.lowerBound) - margin : Double(range.upperBound - 1) + margin
      }
      let point = self(x: side(region.x, 1), y: side(region.y, 2), z: side(region.z, 4))
      low = pointwiseMin(low, point)
      high = pointwiseMax(high, point)
    }
    func clip(_ low: Double, _ high: Double, _ count: Int) -> Range<Int>? {
      guard low.isFinite, high.isFinite, high > -1, low < Double(count) else { return nil }
      let first = max(0, Int(max(low, 0).rounded(.down)) - support)
      let last = min(count - 1, Int(min(high, Double(count)).rounded(.up)) + support)
      return first <= last ? first..<(last + 1) : nil
    }
    guard let x = clip(low.x, high.x, bounds.x), let y = clip(low.y, high.y, bounds.y),
      let z = clip(low.z, high.z, bounds.z)
    else { return nil }
    return Region(
      lower: Shape(z: z.lowerBound, y: y.lowerBound, x: x.lowerBound),
      shape: Shape(z: z.count, y: y.count, x: x.count))
  }
}
