import Volumetry

/// Balls whose union is the phase, painted into the voxels that they cover.
struct BallCover: Sendable {
  private struct Ball: Sendable {
    let z: Int32
    let y: Int32
    let x: Int32
    let radius: Float
  }

  private let grid: Grid
  private let balls: [Ball]
  /// First ball of each slice, and one more.
  private let slices: [Int]
  private let largest: Double

  /// Keeps the balls that no ball of a neighbour contains: most lie on the ridges of the distance.
  init(radii: [Float], grid: Grid, threads: Int) throws(VoxelithError) {
    self.grid = grid
    let shape = grid.shape
    let parts = try Parallel.map(shape.z, threads: threads) { (z) throws(VoxelithError) in
      Self.ridge(radii, grid: grid, slice: z)
    }
    var starts = [0]
    for part in parts { starts.append(starts[starts.count - 1] + part.count) }
    slices = starts
    balls = Array(parts.joined())
    largest = Double(balls.map(\.radius).max() ?? 0)
  }

  private static func ridge(_ radii: [Float], grid: Grid, slice z: Int) -> [Ball] {
    let shape = grid.shape
    let s = grid.spacing
    var neighbours: [(z: Int, y: Int, x: Int, distance: Float)] = []
    for dz in -1...1 {
      for dy in -1...1 {
        for dx in -1...1 where dz != 0 || dy != 0 || dx != 0 {
          let d = SIMD3(Double(dx), Double(dy), Double(dz)) * s
          // A hair less, so that equal balls on a straight line are found in spite of rounding.
          neighbours.append((dz, dy, dx, Float((d * d).sum().squareRoot() * (1 - 1e-6))))
        }
      }
    }
    var found: [Ball] = []
    for y in 0..<shape.y {
      for x in 0..<shape.x {
        let radius = radii[shape.index(z: z, y: y, x: x)]
        guard radius > 0 else { continue }
        let isInner = neighbours.contains { n in
          let (a, b, c) = (z + n.z, y + n.y, x + n.x)
          guard a >= 0 && b >= 0 && c >= 0 && a < shape.z && b < shape.y && c < shape.x else {
            return false
          }
          return radii[shape.index(z: a, y: b, x: c)] >= radius + n.distance
        }
        if !isInner { found.append(Ball(z: Int32(z), y: Int32(y), x: Int32(x), radius: radius)) }
      }
    }
    return found
  }

  /// The largest diameter over each voxel of the phase.
  func cover(_ isInside: [Bool], threads: Int) -> [Float] {
    let shape = grid.shape
    let area = shape.y * shape.x
    let thickness = max(1, (shape.z + 8 * threads - 1) / (8 * threads))
    var result = [Float](repeating: 0, count: shape.count)
    Parallel.forEachSlab(of: &result, stride: thickness * area, threads: threads) { piece, span in
      let first = piece * thickness
      let last = min(shape.z, first + thickness) - 1
      let reach = Int(largest / grid.spacing.z) + 1
      let from = slices[max(0, first - reach)]
      let to = slices[min(shape.z, last + reach + 1)]
      for index in from..<to { paint(balls[index], first...last, into: &span) }
      let inset = 0.25 * Float(grid.spacing.min())
      for i in span.indices {
        span[i] = isInside[first * area + i] ? 2 * (span[i] - inset) : 0
      }
    }
    return result
  }

  private func paint(
    _ ball: Ball, _ slab: ClosedRange<Int>, into span: inout MutableSpan<Float>
  ) {
    let shape = grid.shape
    let s = grid.spacing
    // A hair less than the radius: the nearest centre outside, and what is as far, is not covered.
    let r = Double(ball.radius) * (1 - 1e-6)
    let reachZ = Int(r / s.z)
    let low = max(slab.lowerBound, Int(ball.z) - reachZ)
    let high = min(slab.upperBound, Int(ball.z) + reachZ)
    guard low <= high else { return }
    for z in low...high {
      let dz = Double(z - Int(ball.z)) * s.z
      let restZ = r * r - dz * dz
      guard restZ >= 0 else { continue }
      let reachY = Int(restZ.squareRoot() / s.y)
      for y in max(0, Int(ball.y) - reachY)...min(shape.y - 1, Int(ball.y) + reachY) {
        let dy = Double(y - Int(ball.y)) * s.y
        let rest = restZ - dy * dy
        guard rest >= 0 else { continue }
        let reachX = Int(rest.squareRoot() / s.x)
        let start = ((z - slab.lowerBound) * shape.y + y) * shape.x
        let left = max(0, Int(ball.x) - reachX)
        let right = min(shape.x - 1, Int(ball.x) + reachX)
        raise(&span, from: start + left, count: right - left + 1, to: ball.radius)
      }
    }
  }
}

private func raise(
  _ span: inout MutableSpan<Float>, from start: Int, count: Int, to value: Float
) {
  var row = span._mutatingExtracting(start..<(start + count))
  for i in row.indices { row[i] = row[i] < value ? value : row[i] }
}
