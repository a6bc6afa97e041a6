import Volumetry

/// The cells that share a point: its own and the next to both sides, along axes with sharing.
struct CellNeighbors: Sendable {
  let shape: Shape
  /// Cells at each end, and beyond, that cannot share (x, y, z).
  let margin: SIMD3<Double>
  let end: SIMD3<Double>
  /// Steps in the array to the next cell along x, y, z; zero without sharing.
  let step: SIMD3<Int>
  let isShared: Bool

  init(_ shape: Shape, _ shared: SIMDMask<SIMD3<Double.SIMDMaskScalar>>) {
    self.shape = shape
    margin = SIMD3<Double>.zero.replacing(with: 1, where: shared)
    end = SIMD3(Double(shape.x), Double(shape.y), Double(shape.z)) - margin
    step = SIMD3(
      shared[0] ? 1 : 0, shared[1] ? shape.x : 0, shared[2] ? shape.y * shape.x : 0)
    isShared = any(shared)
  }
}

/// Where a row of points falls among the cells.
struct CellRow {
  /// Number of each point's cell; -1 outside.
  private var cells: [Int32]
  /// Place of each point relative to its cell's centre along x, y, z, in cells.
  private var offsets: [SIMD3<Float>]

  init(count: Int) {
    cells = [Int32](repeating: -1, count: count)
    offsets = [SIMD3<Float>](repeating: .zero, count: count)
  }

  /// - Parameters:
  ///   - origin: of the first point, in cells from the lattice's corner (x, y, z).
  ///   - step: from point to point.
  mutating func locate(origin: SIMD3<Double>, step: SIMD3<Double>, _ neighbors: CellNeighbors) {
    fill(&cells, &offsets, origin: origin, step: step, neighbors)
  }

  /// Adds values that are not NaN, and the points that have one.
  func deposit(
    _ all: [Float], from start: Int, _ neighbors: CellNeighbors, _ sums: inout [Float],
    _ weights: inout [Float]
  ) {
    let row = cells.span
    let values = all.span.extracting(start..<(start + row.count))
    let offset = offsets.span
    var sum = sums.mutableSpan
    var weight = weights.mutableSpan
    for i in row.indices where row[i] >= 0 {
      let value = values[i]
      if value.isNaN { continue }
      if neighbors.isShared {
        share(value, Int(row[i]), offset[i], neighbors.step, &sum)
        share(1, Int(row[i]), offset[i], neighbors.step, &weight)
      } else {
        sum[Int(row[i])] += value
        weight[Int(row[i])] += 1
      }
    }
  }

  /// Counts the points of a class.
  func count(
    _ all: [Int8], from start: Int, of wanted: Int8, _ neighbors: CellNeighbors, _ sums: inout [Float]
  ) {
    let row = cells.span
    let classes = all.span.extracting(start..<(start + row.count))
    let offset = offsets.span
    var sum = sums.mutableSpan
    if neighbors.isShared {
      for i in row.indices where classes[i] == wanted && row[i] >= 0 {
        share(1, Int(row[i]), offset[i], neighbors.step, &sum)
      }
    } else {
      for i in row.indices where classes[i] == wanted && row[i] >= 0 { sum[Int(row[i])] += 1 }
    }
  }

  func countAll(_ neighbors: CellNeighbors, _ weights: inout [Float]) {
    let row = cells.span
    let offset = offsets.span
    var weight = weights.mutableSpan
    for i in row.indices where row[i] >= 0 {
      if neighbors.isShared {
        share(1, Int(row[i]), offset[i], neighbors.step, &weight)
      } else {
        weight[Int(row[i])] += 1
      }
    }
  }
}

private func fill(
  _ cells: inout [Int32], _ offsets: inout [SIMD3<Float>], origin: SIMD3<Double>, step: SIMD3<Double>,
  _ neighbors: CellNeighbors
) {
  let (shape, margin, end) = (neighbors.shape, neighbors.margin, neighbors.end)
  var cell = cells.mutableSpan
  var offset = offsets.mutableSpan
  for i in cell.indices {
    let c = origin + Double(i) * step
    if c.x >= margin.x && c.y >= margin.y && c.z >= margin.z && c.x < end.x && c.y < end.y && c.z < end.z {
      let (x, y, z) = (Int(c.x), Int(c.y), Int(c.z))
      cell[i] = Int32(truncatingIfNeeded: (z * shape.y + y) * shape.x + x)
      offset[i] = SIMD3<Float>(c - SIMD3(Double(x), Double(y), Double(z)) - 0.5)
    } else {
      cell[i] = -1
    }
  }
}

/// Shares a value by the quadratic B-spline; along an axis without sharing all three places are one cell, whose parts
/// add up to one.
@inline(__always)
private func share(
  _ value: Float, _ cell: Int, _ t: SIMD3<Float>, _ step: SIMD3<Int>, _ sum: inout MutableSpan<Float>
) {
  let low = 0.5 * (0.5 - t) * (0.5 - t)
  let middle = 0.75 - t * t
  let high = 0.5 * (0.5 + t) * (0.5 + t)
  for k in -1...1 {
    let z = value * (k < 0 ? low.z : k > 0 ? high.z : middle.z)
    for j in -1...1 {
      let part = z * (j < 0 ? low.y : j > 0 ? high.y : middle.y)
      let at = cell + k * step.z + j * step.y
      sum[at - step.x] += part * low.x
      sum[at] += part * middle.x
      sum[at + step.x] += part * high.x
    }
  }
}
