import Volumetry

/// Cells that hold whole label voxels: all points within one of these see the same label, so each is looked at once.
struct WholeVoxels {
  /// Label voxels in a cell, and the first of the grid's first cell: x, y, z.
  private let sides: SIMD3<Int>
  private let origin: SIMD3<Int>
  /// Points in a label voxel.
  private let points: Int

  /// Nil where cells are turned against the labels, or hold parts of their voxels.
  init?(_ grid: Grid, labels: Grid, pose: RigidPose, steps: Int) {
    guard pose.isIdentity else { return nil }
    let ratio = SIMD3<Double>(grid.spacing) / SIMD3<Double>(labels.spacing)
    let place = (grid.origin - labels.origin) / SIMD3<Double>(labels.spacing)
    var (sides, origin, points) = (SIMD3<Int>.zero, SIMD3<Int>.zero, 1)
    for axis in 0..<3 {
      let (side, first) = (ratio[axis].rounded(), place[axis].rounded())
      guard side >= 1, side <= Double(steps), abs(ratio[axis] - side) < 1e-9, abs(place[axis] - first) < 1e-6,
        abs(first) < 1e9, steps % Int(side) == 0
      else { return nil }
      sides[axis] = Int(side)
      origin[axis] = Int(first)
      points *= steps / Int(side)
    }
    (self.sides, self.origin, self.points) = (sides, origin, points)
  }

  /// Counts the points of a cell by their labels.
  func count(
    _ values: [UInt32], _ box: Region, z: Int, y: Int, x: Int, _ places: [Int8], _ counts: inout [Int]
  ) {
    let labels = values.span
    let index = places.span
    var sum = counts.mutableSpan
    func range(_ cell: Int, _ axis: Int, _ lower: Int, _ count: Int) -> Range<Int> {
      let first = origin[axis] + cell * sides[axis] - lower
      let start = min(max(0, first), count)
      return start..<max(start, min(count, first + sides[axis]))
    }
    let shape = box.shape
    let columns = range(x, 0, box.lower.x, shape.x)
    for slice in range(z, 2, box.lower.z, shape.z) {
      for row in range(y, 1, box.lower.y, shape.y) {
        for column in columns {
          let label = Int(labels[(slice * shape.y + row) * shape.x + column])
          let place = label < index.count ? Int(index[label]) : -1
          if place >= 0 { sum[place] += points }
        }
      }
    }
  }
}
