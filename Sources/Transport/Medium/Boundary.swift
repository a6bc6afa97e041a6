import Volumetry

/// What happens at the two faces of the box across an axis.
enum FaceCondition: Sendable, Hashable {
  /// Nothing passes.
  case insulated
  /// Concentration 1 on the lower face and 0 on the upper one, half a voxel outside the centres.
  case fixed
  /// The box repeats; along the driven axis the concentration falls by 1 from one period to the next.
  case periodic
}

/// The problem that one solve answers: where the gradient is applied and how the box is closed.
struct BoundaryConditions: Sendable, Hashable {
  let z: FaceCondition
  let y: FaceCondition
  let x: FaceCondition
  /// Axis along which the concentration falls by 1 over the box.
  let driven: Axis

  /// Fixed concentrations on the two faces across `axis`, the other four insulated.
  static func through(_ axis: Axis) -> BoundaryConditions {
    BoundaryConditions(
      z: axis == .z ? .fixed : .insulated, y: axis == .y ? .fixed : .insulated,
      x: axis == .x ? .fixed : .insulated, driven: axis)
  }

  /// A box that repeats along all axes, with a gradient along `axis`.
  static func periodic(driven axis: Axis) -> BoundaryConditions {
    BoundaryConditions(z: .periodic, y: .periodic, x: .periodic, driven: axis)
  }

  subscript(axis: Axis) -> FaceCondition {
    switch axis {
    case .z: z
    case .y: y
    case .x: x
    }
  }

  var isPeriodic: Bool { self[driven] == .periodic }
}
