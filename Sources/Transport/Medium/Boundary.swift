import Volumetry

/// What happens at the two faces of the box across an axis.
enum FaceCondition: Sendable, Hashable {
  /// Nothing passes.
  case insulated
  /// Concentration 1 on the lower face and 0 on the upper one, half a voxel outside the centres.
  case fixed
  /// The box repeats; along the driven axis the concentration falls by 1 from one period to the next.
  case periodic
  /// Concentration 0 on the lower face, half a voxel outside the centres; nothing passes the upper one.
  case groundedBelow
  /// The same with the faces exchanged.
  case groundedAbove

  /// Whether a face has a concentration of its own.
  func isFixed(upper: Bool) -> Bool {
    switch self {
    case .fixed: true
    case .groundedBelow: !upper
    case .groundedAbove: upper
    case .insulated, .periodic: false
    }
  }
}

/// How the four sides of a box that the driven flux does not pass are closed.
public enum TransportSides: String, Sendable, Hashable, Codable, CaseIterable {
  /// Nothing passes.
  case insulated
  /// The box repeats: pores go on at the opposite side.
  case periodic
}

/// The face of an electrode that the separator lies on.
public enum SeparatorFace: String, Sendable, Hashable, Codable, CaseIterable {
  case lower, upper
}

/// The problem that one solve answers: where the gradient is applied and how the box is closed.
struct BoundaryConditions: Sendable, Hashable {
  let z: FaceCondition
  let y: FaceCondition
  let x: FaceCondition
  /// Axis along which the concentration falls by 1 over the box.
  let driven: Axis

  private init(z: FaceCondition, y: FaceCondition, x: FaceCondition, driven: Axis) {
    self.z = z
    self.y = y
    self.x = x
    self.driven = driven
  }

  /// Fixed concentrations on the two faces across `axis`, the other four insulated or joined.
  static func through(_ axis: Axis, sides: TransportSides) -> BoundaryConditions {
    BoundaryConditions(across: axis, .fixed, sides: sides)
  }

  /// Ground at the separator's face across `axis`, nothing through the collector's.
  static func electrode(
    _ axis: Axis, separator: SeparatorFace, sides: TransportSides
  ) -> BoundaryConditions {
    BoundaryConditions(
      across: axis, separator == .lower ? .groundedBelow : .groundedAbove, sides: sides)
  }

  private init(across axis: Axis, _ driven: FaceCondition, sides: TransportSides) {
    let side: FaceCondition = sides == .periodic ? .periodic : .insulated
    self.init(
      z: axis == .z ? driven : side, y: axis == .y ? driven : side, x: axis == .x ? driven : side,
      driven: axis)
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

  /// Whether sources drive the flux, to ground at one face.
  var isGrounded: Bool { self[driven] == .groundedBelow || self[driven] == .groundedAbove }
}
