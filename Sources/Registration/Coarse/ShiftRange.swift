import Volumetry

/// Shifts in voxels at which two lattices may overlap by some voxels.
struct ShiftRange {
  /// From the least to the largest by which the moving lattice is ahead.
  let z: ClosedRange<Int>
  let y: ClosedRange<Int>
  let x: ClosedRange<Int>

  /// - Parameter least: voxels of the overlap. Shifts that leave less than that for certain are left out; of lattices that are too
  ///   small the shift zero stays.
  init(_ fixed: Shape, _ moving: Shape, least: Int) {
    let most = Shape(z: min(fixed.z, moving.z), y: min(fixed.y, moving.y), x: min(fixed.x, moving.x))
    func range(_ axis: Axis) -> ClosedRange<Int> {
      // Voxels side by side along this axis, where the others overlap as far as they can.
      let others = most.count / most[axis]
      let length = min(most[axis], max(1, (least + others - 1) / others))
      return (length - fixed[axis])...(moving[axis] - length)
    }
    (z, y, x) = (range(.z), range(.y), range(.x))
  }

  /// Sides of a transform in which no other shift stands in the place of one of these.
  func padded(_ fixed: Shape, _ moving: Shape) -> Shape {
    func side(_ shifts: ClosedRange<Int>, _ axis: Axis) -> Int {
      fastFourierSide(
        max(fixed[axis], moving[axis], shifts.upperBound + fixed[axis], moving[axis] - shifts.lowerBound))
    }
    return Shape(z: side(z, .z), y: side(y, .y), x: side(x, .x))
  }
}
