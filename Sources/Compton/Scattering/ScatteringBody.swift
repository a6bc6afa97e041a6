import Volumetry

/// Where the materials of a scattering sample are: boxes, or the cells of a ``PhaseField``.
public enum ScatteringBody: Sendable {
  /// A box of one material, um.
  public struct Box: Sendable, Hashable {
    public let lower: SIMD3<Double>
    public let upper: SIMD3<Double>
    /// Index of its material.
    public let material: Int

    public init(lower: SIMD3<Double>, upper: SIMD3<Double>, material: Int) {
      self.lower = lower
      self.upper = upper
      self.material = material
    }
  }

  case boxes([Box])
  case cells(PhaseField)

  /// The corners of what holds all of it, um.
  var bounds: (lower: SIMD3<Double>, upper: SIMD3<Double>) {
    switch self {
    case .boxes(let boxes):
      var lower = SIMD3<Double>(repeating: .infinity)
      var upper = SIMD3<Double>(repeating: -.infinity)
      for box in boxes {
        for axis in 0..<3 {
          lower[axis] = min(lower[axis], box.lower[axis])
          upper[axis] = max(upper[axis], box.upper[axis])
        }
      }
      return (lower, upper)
    case .cells(let field):
      let size = SIMD3(Double(field.grid.shape.x), Double(field.grid.shape.y), Double(field.grid.shape.z))
      return (field.grid.origin, field.grid.origin + size * field.grid.spacing)
    }
  }

  /// Volume fraction of a material at a point.
  func fraction(_ material: Int, at point: SIMD3<Double>) -> Double {
    switch self {
    case .boxes(let boxes):
      for box in boxes where box.material == material {
        if (0..<3).allSatisfy({ point[$0] >= box.lower[$0] && point[$0] < box.upper[$0] }) { return 1 }
      }
      return 0
    case .cells(let field):
      let place = (point - field.grid.origin) / field.grid.spacing
      let shape = field.grid.shape
      guard place.x >= 0, place.y >= 0, place.z >= 0, place.x < Double(shape.x), place.y < Double(shape.y),
        place.z < Double(shape.z)
      else { return 0 }
      return Double(
        field.fractions[material][shape.index(z: Int(place.z), y: Int(place.y), x: Int(place.x))])
    }
  }

  /// Writes the lengths in cm that a ray from `point` runs through each material until it leaves.
  func lengths(from point: SIMD3<Double>, along direction: SIMD3<Double>, into lengths: inout [Float]) {
    for index in lengths.indices { lengths[index] = 0 }
    switch self {
    case .boxes(let boxes):
      for box in boxes {
        guard let way = Self.way(point, direction, box.lower, box.upper), way.leave > 0 else { continue }
        lengths[box.material] += Float((way.leave - max(0, way.enter)) * 1e-4)
      }
    case .cells(let field): field.addPaths(from: point, along: direction, into: &lengths, at: 0)
    }
  }

  /// Where a line enters and leaves a box, in um from `point`.
  static func way(
    _ point: SIMD3<Double>, _ direction: SIMD3<Double>, _ lower: SIMD3<Double>, _ upper: SIMD3<Double>
  ) -> (enter: Double, leave: Double)? {
    var enter = -Double.infinity
    var leave = Double.infinity
    for axis in 0..<3 {
      if abs(direction[axis]) < 1e-15 {
        if point[axis] < lower[axis] || point[axis] >= upper[axis] { return nil }
        continue
      }
      let a = (lower[axis] - point[axis]) / direction[axis]
      let b = (upper[axis] - point[axis]) / direction[axis]
      enter = max(enter, min(a, b))
      leave = min(leave, max(a, b))
    }
    return leave > enter ? (enter, leave) : nil
  }

  /// - Throws: `data` where a box is empty, boxes overlap, or there are none.
  func validate(names: [String]) throws(VoxelithError) {
    guard case .boxes(let boxes) = self else { return }
    guard !boxes.isEmpty else { throw VoxelithError(.data, "the sample has no boxes") }
    for (index, box) in boxes.enumerated() {
      guard
        (0..<3).allSatisfy({
          box.upper[$0] > box.lower[$0] && box.lower[$0].isFinite && box.upper[$0].isFinite
        })
      else {
        throw VoxelithError(
          .data, "the box '\(names[box.material])' has no volume",
          advice: "size_um needs three positive numbers")
      }
      for other in boxes[..<index] {
        guard
          (0..<3).contains(where: {
            box.lower[$0] >= other.upper[$0] - 1e-9 || other.lower[$0] >= box.upper[$0] - 1e-9
          })
        else {
          throw VoxelithError(
            .data, "the boxes '\(names[box.material])' and '\(names[other.material])' overlap",
            advice: "cut one of them into boxes that do not")
        }
      }
    }
  }
}
