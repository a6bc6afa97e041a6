import Volumetry

/// Axes along which one of the volumes has a few slices only.
///
/// A blur along them would have nothing beyond the first and the last slice: its mean there stands for a place further in,
/// and an alignment found by it is off by a part of a slice in depth and in tilt. So nothing is blurred along them, points lie
/// at the slices, and between slices the polynomial through the nearest ones is taken.
struct ThinAxes: Sendable, Equatable {
  /// Of the fixed and of the moving volume.
  let fixed: [Bool]
  let moving: [Bool]

  /// Slices, in fixed voxels, below which a volume is thin.
  static let limit = 20.0

  /// Nil where no axis is thin.
  ///
  /// - Parameter near: which axis of the moving volume lies along one of the fixed volume.
  init?(fixed samples: FixedSamples, moving: Grid, near: SpatialTransform) {
    var thin = (fixed: [false, false, false], moving: [false, false, false])
    for axis in 0..<3 {
      let along = near.linear * SIMD3(axis == 0 ? 1 : 0, axis == 1 ? 1 : 0, axis == 2 ? 1 : 0)
      let sizes = pointwiseMax(along, -along)
      let other = sizes.x >= max(sizes.y, sizes.z) ? 0 : sizes.y >= sizes.z ? 1 : 2
      let extent = min(samples.lattice.extent[axis], moving.extent[other])
      if extent / samples.box[axis] < Self.limit - 1e-6 {
        thin.fixed[axis] = true
        thin.moving[other] = true
      }
    }
    guard thin.fixed.contains(true) else { return nil }
    (fixed, self.moving) = thin
  }
}
