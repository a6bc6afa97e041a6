import Volumetry

/// Length of the lines that three phases meet in.
///
/// With the phases smoothed to fractions a, b, c, a plane across such a line is mapped onto the triangle of all fractions,
/// once, whatever the angles between the phases: half the area of gradient of a times gradient of b, summed over the plane.
/// Twice the size of that cross product, summed over the volume, is the length. The sum lies a little beside the line, by a
/// share of the width of smoothing, which shows where the line is curved; two widths tell how much, and the length is the
/// straight line through them at width zero. Rejected: counting edges of voxels between three labels, weighted by the
/// direction of the line, which finds up to 5 % too much: where two interfaces meet, the edges do not take the shortest way.
struct TripleLines: Sendable {
  /// Widths in units of the longest side of a voxel.
  static let widths = [1.0, 1.5]
  /// Width over which the products are averaged, so that their sign counts.
  private static let average = 2.0
  private static let one = 0x1p24

  let cells: InterfaceCells
  private let grid: Grid

  init(_ cells: InterfaceCells, grid: Grid) {
    self.cells = cells
    self.grid = grid
  }

  private func sigma(_ width: Double) -> SIMD3<Double> {
    let length = width * grid.longestSide
    let axes: [Axis] = [.x, .y, .z]
    return SIMD3((0..<3).map { grid.extends(along: axes[$0]) ? length / grid.spacing[$0] : 0 })
  }

  var halo: Shape {
    func reach(_ index: Int) -> Int {
      let radii = [Self.widths[1], Self.average].map { sigma($0)[index] }.map {
        $0 > 0 ? Int(3 * $0 + 0.5) : 0
      }
      return radii.reduce(0, +) + 2
    }
    return Shape(z: reach(2), y: reach(1), x: reach(0))
  }

  /// Sums by triple for each of the widths, in whole numbers.
  func sums(of block: Block, classes: [Int8]) -> [[Int64]] {
    let triples = cells.triples
    var result = [[Int64]](repeating: [Int64](repeating: 0, count: Self.widths.count), count: triples.count)
    let present = cells.present(in: classes)
    guard present.count > 2, grid.extendedAxes.count == 3 || grid.extendedAxes.isEmpty else { return result }
    for (index, triple) in triples.enumerated()
    where [triple.0, triple.1, triple.2].allSatisfy({ present.contains(Int8($0)) }) {
      let near = near(triple, classes, block.padded.shape)
      guard near.contains(true) else { continue }
      for (number, width) in Self.widths.enumerated() {
        result[index][number] = sum(triple, classes, near, block, width: width)
      }
    }
    return result
  }

  /// Micrometres of a sum.
  func length(_ sums: [Int64]) -> Double {
    let voxel = grid.spacing.x * grid.spacing.y * grid.spacing.z / (grid.longestSide * grid.longestSide)
    let lengths = sums.map { 2 * Double($0) / Self.one * voxel }
    let slope = (lengths[1] - lengths[0]) / (Self.widths[1] - Self.widths[0])
    return max(0, lengths[0] - slope * Self.widths[0])
  }

  private func sum(
    _ triple: (Int, Int, Int), _ classes: [Int8], _ near: [Bool], _ block: Block, width: Double
  ) -> Int64 {
    let shape = block.padded.shape
    func gradient(_ phase: Int) -> [SIMD3<Float>] {
      let smooth = SeparableFilter.gaussian(
        classes.map { $0 == Int8(phase) ? 1 : 0 }, shape: shape, sigma: sigma(width), truncate: 3, threads: 1)
      return slopes(smooth, shape)
    }
    let first = gradient(triple.0)
    let second = gradient(triple.1)
    var parts = (0..<3).map { _ in [Float](repeating: 0, count: shape.count) }
    for i in first.indices {
      let (a, b) = (first[i], second[i])
      parts[0][i] = a.y * b.z - a.z * b.y
      parts[1][i] = a.z * b.x - a.x * b.z
      parts[2][i] = a.x * b.y - a.y * b.x
    }
    let smooth = parts.map {
      SeparableFilter.gaussian($0, shape: shape, sigma: sigma(Self.average), truncate: 3, threads: 1)
    }
    var total: Int64 = 0
    let core = block.core.relative(to: block.padded)
    let unit = grid.longestSide * grid.longestSide
    for z in core.z {
      for y in core.y {
        for x in core.x {
          let i = shape.index(z: z, y: y, x: x)
          guard near[i] else { continue }
          let vector = SIMD3(Double(smooth[0][i]), Double(smooth[1][i]), Double(smooth[2][i]))
          total += Int64(((vector * vector).sum().squareRoot() * unit * Self.one).rounded())
        }
      }
    }
    return total
  }

  /// Slopes between the neighbours of each voxel, per micrometre.
  private func slopes(_ values: [Float], _ shape: Shape) -> [SIMD3<Float>] {
    var result = [SIMD3<Float>](repeating: .zero, count: values.count)
    let steps = [(0, 1, shape.x), (1, shape.x, shape.y), (2, shape.x * shape.y, shape.z)]
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let i = shape.index(z: z, y: y, x: x)
          let place = [x, y, z]
          for (axis, step, count) in steps where count > 1 {
            let low = place[axis] > 0 ? i - step : i
            let high = place[axis] < count - 1 ? i + step : i
            let way = Float(high - low) / Float(step) * Float(grid.spacing[axis])
            result[i][axis] = (values[high] - values[low]) / way
          }
        }
      }
    }
    return result
  }

  /// Voxels near an edge between voxels of all three phases: elsewhere the three only pass close by each other.
  private func near(_ triple: (Int, Int, Int), _ classes: [Int8], _ shape: Shape) -> [Bool] {
    var marks = [Bool](repeating: false, count: shape.count)
    let wanted: UInt8 = 7
    func bit(_ value: Int8) -> UInt8 {
      Int(value) == triple.0 ? 1 : Int(value) == triple.1 ? 2 : Int(value) == triple.2 ? 4 : 0
    }
    let bits = classes.map(bit)
    let strides = [1, shape.x, shape.x * shape.y]
    let counts = [shape.x, shape.y, shape.z]
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        for x in 0..<shape.x {
          let i = shape.index(z: z, y: y, x: x)
          let place = [x, y, z]
          for (a, b) in [(0, 1), (0, 2), (1, 2)]
          where place[a] + 1 < counts[a] && place[b] + 1 < counts[b] {
            let (u, v) = (strides[a], strides[b])
            if bits[i] | bits[i + u] | bits[i + v] | bits[i + u + v] == wanted {
              marks[i] = true
              marks[i + u + v] = true
            }
          }
        }
      }
    }
    let wide = SeparableFilter.gaussian(
      marks.map { $0 ? 1 : 0 }, shape: shape, sigma: sigma(Self.average), truncate: 3, threads: 1)
    return wide.map { $0 > 0 }
  }
}
