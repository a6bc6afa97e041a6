import Volumetry

/// The lattice of one multigrid level: how many cells, how large, and which axes to halve next.
///
/// Axes along which the cells are longer than 1.6 times the shortest side are left alone, so that
/// flat or long voxels become nearly cubes first: a point smoother cannot damp what couples weakly.
struct Lattice: Sendable, Hashable {
  let shape: Shape
  /// Size of a cell along x, y, z.
  let spacing: SIMD3<Double>
  /// Cells joined per axis for the next level, 1 or 2.
  let factors: Shape
  /// Bits that a position is shifted by to give the position on the next level.
  let shifts: Shape

  init(shape: Shape, spacing: SIMD3<Double>) {
    self.shape = shape
    self.spacing = spacing
    let sides = [(Axis.z, spacing.z), (.y, spacing.y), (.x, spacing.x)].filter { shape[$0.0] > 1 }
    let least = sides.map(\.1).min() ?? 0
    var factors = Shape(z: 1, y: 1, x: 1)
    for (axis, side) in sides where side <= 1.6 * least { factors[axis] = 2 }
    self.factors = factors
    shifts = Shape(z: factors.z - 1, y: factors.y - 1, x: factors.x - 1)
  }

  var coarser: Lattice {
    Lattice(
      shape: Shape(
        z: (shape.z + factors.z - 1) / factors.z, y: (shape.y + factors.y - 1) / factors.y,
        x: (shape.x + factors.x - 1) / factors.x),
      spacing: spacing * SIMD3(Double(factors.x), Double(factors.y), Double(factors.z)))
  }

  var isCoarsest: Bool { factors == Shape(z: 1, y: 1, x: 1) }
}

/// Cell of a lattice.
struct Cell: Sendable, Hashable, BitwiseCopyable {
  var z: UInt16
  var y: UInt16
  var x: UInt16

  /// The cell of the next level's lattice.
  func shifted(by shifts: Shape) -> Cell {
    Cell(z: z >> UInt16(shifts.z), y: y >> UInt16(shifts.y), x: x >> UInt16(shifts.x))
  }

  func index(in shape: Shape) -> Int { shape.index(z: Int(z), y: Int(y), x: Int(x)) }

  /// Axis across which a neighbouring cell lies; nil for the same cell.
  func axis(to other: Cell) -> Axis? {
    if z != other.z { return .z }
    if y != other.y { return .y }
    if x != other.x { return .x }
    return nil
  }
}
