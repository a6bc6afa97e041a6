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
  ///
  /// - Parameter centers: voxels that balls are looked for at.
  init(radii: [Float], grid: Grid, centers: Region, threads: Int) throws(VoxelithError) {
    self.grid = grid
    let parts = try Parallel.map(grid.shape.z, threads: threads) { (z) throws(VoxelithError) in
      centers.z.contains(z) ? Self.ridge(radii, grid: grid, slice: z, centers: centers) : []
    }
    var starts = [0]
    for part in parts { starts.append(starts[starts.count - 1] + part.count) }
    slices = starts
    balls = Array(parts.joined())
    largest = Double(balls.map(\.radius).max() ?? 0)
  }

  private static func ridge(_ radii: [Float], grid: Grid, slice z: Int, centers: Region) -> [Ball] {
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
    for y in centers.y {
      for x in centers.x {
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

  /// The largest diameter over each voxel of a box that belongs to the phase, zero elsewhere.
  func cover(_ isInside: [Bool], core: Region, threads: Int) -> [Float] {
    let shape = grid.shape
    let area = core.shape.y * core.shape.x
    let thickness = max(1, (core.shape.z + 8 * threads - 1) / (8 * threads))
    var result = [Float](repeating: 0, count: core.count)
    Parallel.forEachSlab(of: &result, stride: thickness * area, threads: threads) { piece, span in
      let first = core.lower.z + piece * thickness
      let last = min(core.z.upperBound, first + thickness) - 1
      let slab = Region(
        lower: Shape(z: first, y: core.lower.y, x: core.lower.x),
        shape: Shape(z: last + 1 - first, y: core.shape.y, x: core.shape.x))
      let reach = Int(largest / grid.spacing.z) + 1
      let from = slices[max(0, first - reach)]
      let to = slices[min(shape.z, last + reach + 1)]
      for index in from..<to { paint(balls[index], slab, into: &span) }
      let inset = DistanceMap.inset(grid)
      var i = 0
      for z in slab.z {
        for y in slab.y {
          let line = shape.index(z: z, y: y, x: 0)
          for x in slab.x {
            span[i] = isInside[line + x] ? 2 * (span[i] - inset) : 0
            i += 1
          }
        }
      }
    }
    return result
  }

  private func paint(_ ball: Ball, _ slab: Region, into span: inout MutableSpan<Float>) {
    let s = grid.spacing
    // A hair less than the radius: the nearest centre outside, and what is as far, is not covered.
    let r = Double(ball.radius) * (1 - 1e-6)
    let reachZ = Int(r / s.z)
    for z in overlap(slab.z, Int(ball.z), reachZ) {
      let dz = Double(z - Int(ball.z)) * s.z
      let restZ = r * r - dz * dz
      guard restZ >= 0 else { continue }
      let reachY = Int(restZ.squareRoot() / s.y)
      for y in overlap(slab.y, Int(ball.y), reachY) {
        let dy = Double(y - Int(ball.y)) * s.y
        let rest = restZ - dy * dy
        guard rest >= 0 else { continue }
        let columns = overlap(slab.x, Int(ball.x), Int(rest.squareRoot() / s.x))
        guard !columns.isEmpty else { continue }
        let start = slab.shape.index(
          z: z - slab.lower.z, y: y - slab.lower.y, x: columns.lowerBound - slab.lower.x)
        raise(&span, from: start, count: columns.count, to: ball.radius)
      }
    }
  }

  /// The part of a range within `reach` of a place.
  private func overlap(_ range: Range<Int>, _ place: Int, _ reach: Int) -> Range<Int> {
    let low = max(range.lowerBound, place - reach)
    return low..<max(low, min(range.upperBound, place + reach + 1))
  }
}

private func raise(
  _ span: inout MutableSpan<Float>, from start: Int, count: Int, to value: Float
) {
  var row = span._mutatingExtracting(start..<(start + count))
  for i in row.indices { row[i] = row[i] < value ? value : row[i] }
}
