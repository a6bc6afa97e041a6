import Volumetry

/// A current that enters a phase evenly over its surface, as that of a double layer at low frequency does.
struct SurfaceCharge: Sendable, Hashable {
  /// Area of a face across x, y, z over what conductances are in units of: a unit current for a unit of area.
  let areas: SIMD3<Double>
  /// Whether the faces of the box across each axis (x, y, z) carry charge where the phase meets them, lower and upper.
  let lowerSides: SIMD3<Double>
  let upperSides: SIMD3<Double>

  /// - Parameters:
  ///   - grid: of the volume.
  ///   - chargesSides: whether the four sides of the box are surface, too. The collector's face always is.
  init(grid: Grid, boundary: BoundaryConditions, chargesSides: Bool) {
    let s = grid.spacing
    let volume = s.x * s.y * s.z
    // Conductances are area over distance in units of that across the shortest side.
    let unit = volume * (SIMD3<Double>.one / (s * s)).max()
    areas = volume / s / unit
    var lower = SIMD3<Double>.zero
    var upper = SIMD3<Double>.zero
    for (index, axis) in [Axis.x, .y, .z].enumerated() {
      if axis == boundary.driven {
        if !boundary[axis].isFixed(upper: false) { lower[index] = 1 }
        if !boundary[axis].isFixed(upper: true) { upper[index] = 1 }
      } else if chargesSides && boundary[axis] == .insulated && grid.extends(along: axis) {
        lower[index] = 1
        upper[index] = 1
      }
    }
    lowerSides = lower
    upperSides = upper
  }

  /// The current that enters an active voxel.
  func source(of voxel: Int, at position: Shape, _ fine: FineOperator) -> Double {
    let z = faces(voxel, position.z, fine.shape.z, fine.slice, fine.boundary.z, 2, fine)
    let y = faces(voxel, position.y, fine.shape.y, fine.shape.x, fine.boundary.y, 1, fine)
    let x = faces(voxel, position.x, fine.shape.x, 1, fine.boundary.x, 0, fine)
    return z * areas.z + y * areas.y + x * areas.x
  }

  /// Charged faces of a voxel across one axis.
  @inline(__always)
  private func faces(
    _ voxel: Int, _ place: Int, _ count: Int, _ stride: Int, _ condition: FaceCondition, _ index: Int,
    _ fine: FineOperator
  ) -> Double {
    let isPeriodic = condition == .periodic
    var sum = 0.0
    if place > 0 || isPeriodic {
      if !fine.isActive(place > 0 ? voxel - stride : voxel + (count - 1) * stride) { sum += 1 }
    } else {
      sum += lowerSides[index]
    }
    if place < count - 1 || isPeriodic {
      if !fine.isActive(place < count - 1 ? voxel + stride : voxel - (count - 1) * stride) { sum += 1 }
    } else {
      sum += upperSides[index]
    }
    return sum
  }
}
