import Volumetry

/// Solves the prior's equations around a group of 2 x 2 x 2 voxels, for eight right-hand sides at once.
///
/// Column i of (P + strength L)^-1, times P, is the row of the hat matrix that makes voxel i: the weights with which
/// its neighbours enter. With the weights known, the error of what they make is known too, whatever the accuracy of
/// the solution.
struct PriorWindow {
  private(set) var box = Region(whole: Shape(z: 0, y: 0, x: 0))
  private var row = 0
  private var slice = 0
  private var information: [Float] = []
  private var diagonal: [Float] = []
  private var inverse: [Float] = []
  private var loaded = Shape(z: 0, y: 0, x: 0)
  private var alongX: [Float] = []
  private var alongY: [Float] = []
  private var alongZ: [Float] = []
  private var solution: [SIMD8<Float>] = []
  private var residual: [SIMD8<Float>] = []
  private var direction: [SIMD8<Float>] = []
  private var image: [SIMD8<Float>] = []

  private static let largestIterations = 400
  private static let tolerance: Float = 1e-9

  /// Solves for the group whose first voxel is `lower`, which may lie one voxel outside the grid, and keeps the columns.
  ///
  /// Voxels of the group beyond the grid, and those that are missing, have columns of zeros.
  mutating func solve(_ system: PriorSystem, group lower: Shape, strength: Float, reach: Shape) {
    let shape = system.map.grid.shape
    let inside = Shape(z: max(0, lower.z), y: max(0, lower.y), x: max(0, lower.x))
    box = Region(
      lower: inside,
      shape: Shape(
        z: min(lower.z + 2, shape.z) - inside.z, y: min(lower.y + 2, shape.y) - inside.y,
        x: min(lower.x + 2, shape.x) - inside.x)
    ).grown(by: reach, within: shape)
    load(system, strength: strength)
    var energy = SIMD8<Float>.zero
    for lane in 0..<8 {
      let (z, y, x) = (lower.z + lane >> 2, lower.y + (lane >> 1) & 1, lower.x + lane & 1)
      guard z >= 0, y >= 0, x >= 0, z < shape.z, y < shape.y, x < shape.x,
        system.information[shape.index(z: z, y: y, x: x)] > 0
      else { continue }
      let cell = cell(z: z, y: y, x: x)
      residual[cell][lane] = 1
      direction[cell][lane] = inverse[cell]
      energy[lane] = inverse[cell]
    }
    iterate(from: energy)
  }

  /// Conjugate gradients with the diagonal as preconditioner, until the residual is small in every lane.
  private mutating func iterate(from start: SIMD8<Float>) {
    // The vectors leave `self` while the matrix in it is read.
    var (solution, residual, direction, image) = (solution, residual, direction, image)
    (self.solution, self.residual, self.direction, self.image) = ([], [], [], [])
    var energy = start
    let target = start * Self.tolerance
    let cells = slice..<(slice + box.count)
    for _ in 0..<Self.largestIterations {
      let curvature = Self.multiply(
        direction.span, diagonal.span, alongX.span, alongY.span, alongZ.span, into: &image, row: row,
        slice: slice, cells: cells)
      let step = (energy / curvature).replacing(with: 0, where: curvature .<= 0)
      let next = Self.advance(
        step, direction.span, image.span, inverse.span, solution: &solution, residual: &residual,
        cells: cells)
      if all(next .<= target) { break }
      let turn = (next / energy).replacing(with: 0, where: energy .<= 0)
      Self.turn(turn, residual.span, inverse.span, direction: &direction, cells: cells)
      energy = next
    }
    (self.solution, self.residual, self.direction, self.image) = (solution, residual, direction, image)
  }

  /// Position of a voxel of the grid in the window's arrays.
  func cell(z: Int, y: Int, x: Int) -> Int {
    slice + ((z - box.lower.z) * box.shape.y + y - box.lower.y) * row + x - box.lower.x
  }

  /// Columns of the inverse at a cell.
  func column(_ cell: Int) -> SIMD8<Float> { solution[cell] }
  /// Weights at a cell before they are made to add up to one.
  func weight(_ cell: Int) -> SIMD8<Float> { solution[cell] * information[cell] }

  private mutating func load(_ system: PriorSystem, strength: Float) {
    row = box.shape.x
    slice = box.shape.y * row
    let count = box.count + 2 * slice
    if box.shape != loaded {
      loaded = box.shape
      information = [Float](repeating: 0, count: count)
      inverse = information
      diagonal = information
      alongX = information
      alongY = information
      alongZ = information
      solution = [SIMD8<Float>](repeating: .zero, count: count)
      residual = solution
      direction = solution
      image = solution
    } else {
      for cell in 0..<count {
        solution[cell] = .zero
        residual[cell] = .zero
        direction[cell] = .zero
      }
    }
    let shape = system.map.grid.shape
    var cell = slice
    for z in box.z {
      let isLastSlice = z + 1 == box.z.upperBound
      for y in box.y {
        let isLastRow = y + 1 == box.y.upperBound
        var voxel = shape.index(z: z, y: y, x: box.lower.x)
        for x in box.x {
          information[cell] = system.information[voxel]
          alongX[cell] = x + 1 == box.x.upperBound ? 0 : strength * system.alongX[voxel]
          alongY[cell] = isLastRow ? 0 : strength * system.alongY[voxel]
          alongZ[cell] = isLastSlice ? 0 : strength * system.alongZ[voxel]
          cell += 1
          voxel += 1
        }
      }
    }
    for cell in slice..<(slice + box.count) {
      let coupling =
        alongX[cell] + alongX[cell - 1] + alongY[cell] + alongY[cell - row] + alongZ[cell]
        + alongZ[cell - slice]
      let sum = information[cell] + coupling
      diagonal[cell] = sum > 0 ? sum : 1
      inverse[cell] = 1 / diagonal[cell]
    }
  }

  /// The system times `vector`, and the product of both.
  private static func multiply(
    _ vector: Span<SIMD8<Float>>, _ diagonal: Span<Float>, _ alongX: Span<Float>, _ alongY: Span<Float>,
    _ alongZ: Span<Float>, into image: inout [SIMD8<Float>], row: Int, slice: Int, cells: Range<Int>
  ) -> SIMD8<Float> {
    var image = image.mutableSpan
    var product = SIMD8<Float>.zero
    for cell in cells {
      let own = vector[cell]
      var sum = own * diagonal[cell]
      sum -= vector[cell + 1] * alongX[cell]
      sum -= vector[cell - 1] * alongX[cell - 1]
      sum -= vector[cell + row] * alongY[cell]
      sum -= vector[cell - row] * alongY[cell - row]
      sum -= vector[cell + slice] * alongZ[cell]
      sum -= vector[cell - slice] * alongZ[cell - slice]
      image[cell] = sum
      product += own * sum
    }
    return product
  }

  /// One step along the direction; returns the residual's square in the preconditioner's metric.
  private static func advance(
    _ step: SIMD8<Float>, _ direction: Span<SIMD8<Float>>, _ image: Span<SIMD8<Float>>,
    _ inverse: Span<Float>, solution: inout [SIMD8<Float>], residual: inout [SIMD8<Float>], cells: Range<Int>
  ) -> SIMD8<Float> {
    var solution = solution.mutableSpan
    var residual = residual.mutableSpan
    var energy = SIMD8<Float>.zero
    for cell in cells {
      solution[cell] += step * direction[cell]
      let left = residual[cell] - step * image[cell]
      residual[cell] = left
      energy += left * left * inverse[cell]
    }
    return energy
  }

  private static func turn(
    _ turn: SIMD8<Float>, _ residual: Span<SIMD8<Float>>, _ inverse: Span<Float>,
    direction: inout [SIMD8<Float>], cells: Range<Int>
  ) {
    var direction = direction.mutableSpan
    for cell in cells { direction[cell] = residual[cell] * inverse[cell] + turn * direction[cell] }
  }
}
