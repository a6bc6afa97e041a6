/// Where the voxels of a volume lie in space.
///
/// A point is `(x, y, z)` in micrometres. The centre of voxel `i` along an axis lies at
/// `origin + (i + 0.5) * spacing`. The spacing may differ per axis.
public struct Grid: Sendable, Hashable {
  public var shape: Shape
  /// Size of a voxel along x, y, z in micrometres.
  public var spacing: SIMD3<Double>
  /// Outer corner of voxel (0, 0, 0): x, y, z in micrometres.
  public var origin: SIMD3<Double>
  /// False where neither the file nor the caller told the size of the voxels, so that `spacing` is
  /// only a stand-in. Commands that print or use lengths must say so.
  public var hasKnownSpacing: Bool

  public init(
    shape: Shape, spacing: SIMD3<Double>, origin: SIMD3<Double> = .zero,
    hasKnownSpacing: Bool = true
  ) {
    self.shape = shape
    self.spacing = spacing
    self.origin = origin
    self.hasKnownSpacing = hasKnownSpacing
  }

  /// A grid whose voxel size nobody told: lengths count voxels.
  public init(unscaled shape: Shape) {
    self.init(shape: shape, spacing: .one, hasKnownSpacing: false)
  }

  /// Centre of a voxel: x, y, z in micrometres.
  public func center(z: Int, y: Int, x: Int) -> SIMD3<Double> {
    origin + (SIMD3(Double(x), Double(y), Double(z)) + 0.5) * spacing
  }

  /// Fractional voxel coordinates (x, y, z) of a point; a voxel's centre has integer coordinates.
  public func coordinates(of point: SIMD3<Double>) -> SIMD3<Double> {
    (point - origin) / spacing - 0.5
  }

  /// Lengths of the sides along x, y, z in micrometres.
  public var extent: SIMD3<Double> {
    SIMD3(Double(shape.x), Double(shape.y), Double(shape.z)) * spacing
  }

  /// Point in the middle of the grid.
  public var middle: SIMD3<Double> { origin + 0.5 * extent }

  /// Size of a voxel along an axis in micrometres.
  public func spacing(along axis: Axis) -> Double {
    switch axis {
    case .z: spacing.z
    case .y: spacing.y
    case .x: spacing.x
    }
  }

  /// The grid of a box of this one.
  public func cropped(to region: Region) -> Grid {
    var result = self
    result.shape = region.shape
    result.origin +=
      SIMD3(Double(region.lower.x), Double(region.lower.y), Double(region.lower.z)) * spacing
    return result
  }

  /// Checks that sides, spacing and origin are usable numbers.
  ///
  /// - Throws: `data` where a side is below one or a spacing is not finite and positive.
  public func validate(file: String? = nil) throws(VoxelithError) {
    guard let count = shape.checkedCount, count > 0 else {
      throw VoxelithError(.data, "the shape \(shape) (z, y, x) holds no voxels", file: file)
    }
    for axis in 0..<3 where !(spacing[axis].isFinite && spacing[axis] > 0) {
      throw VoxelithError(
        .data, "the voxel size \(spacing.z), \(spacing.y), \(spacing.x) µm (z, y, x) is not positive",
        file: file, advice: "give the voxel size in µm")
    }
    for axis in 0..<3 where !origin[axis].isFinite {
      throw VoxelithError(.data, "the origin of the grid is not a finite number", file: file)
    }
  }
}
