import Volumetry

/// Which runs of a mask carry a flux from one side of the box to the other.
///
/// Neighbours are voxels that share a face. Runs are joined row by row with a union-find, in one
/// sequential sweep, so the outcome does not depend on threads. With fixed concentrations a cluster
/// percolates when it touches both faces. In a box that repeats, each run also keeps by how many
/// periods it is shifted against the root of its cluster; a cluster percolates when a loop closes
/// with a shift, that is, when it is joined to a copy of itself (Machta et al., Phys. Rev. E 54
/// (1996) 1332).
struct Percolation: Sendable {
  /// Whether each run belongs to a cluster that percolates.
  let isKept: [Bool]
  /// Voxels in those clusters, by conductivity class.
  let counts: [Int]

  var isEmpty: Bool { !counts.contains { $0 > 0 } }

  init(runs: RunTable, map: PhaseMap, boundary: BoundaryConditions) {
    var clusters = RunClusters(count: runs.count)
    let shape = runs.shape
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        let row = z * shape.y + y
        if y > 0 { clusters.join(runs, row, row - 1, shift: .zero) }
        if z > 0 { clusters.join(runs, row, row - shape.y, shift: .zero) }
        if y == 0 && boundary.y == .periodic {
          clusters.join(runs, row, row + shape.y - 1, shift: SIMD3(0, -1, 0))
        }
        if z == 0 && boundary.z == .periodic {
          clusters.join(runs, row, y + (shape.z - 1) * shape.y, shift: SIMD3(0, 0, -1))
        }
        if boundary.x == .periodic { clusters.closeRow(runs, row) }
      }
    }
    isKept =
      boundary.isPeriodic
      ? (0..<runs.count).map { clusters.isWrapped[clusters.root(of: $0).root] }
      : Self.touchingBothFaces(runs, &clusters, across: boundary.driven)
    counts = Self.count(runs, isKept, map)
  }

  private static func touchingBothFaces(
    _ runs: RunTable, _ clusters: inout RunClusters, across axis: Axis
  ) -> [Bool] {
    let shape = runs.shape
    var touched = [UInt8](repeating: 0, count: runs.count)
    for row in 0..<(shape.z * shape.y) {
      for run in runs.runs(ofRow: row) {
        let first: Bool
        let last: Bool
        switch axis {
        case .z: (first, last) = (row < shape.y, row >= (shape.z - 1) * shape.y)
        case .y: (first, last) = (row % shape.y == 0, row % shape.y == shape.y - 1)
        case .x:
          (first, last) = (runs.extent(of: run).lowerBound == 0, runs.extent(of: run).upperBound == shape.x)
        }
        if first || last { touched[clusters.root(of: run).root] |= (first ? 1 : 0) | (last ? 2 : 0) }
      }
    }
    return (0..<runs.count).map { touched[clusters.root(of: $0).root] == 3 }
  }

  private static func count(_ runs: RunTable, _ kept: [Bool], _ map: PhaseMap) -> [Int] {
    var counts = [Int](repeating: 0, count: map.counts.count)
    let shape = runs.shape
    for row in 0..<(shape.z * shape.y) {
      for run in runs.runs(ofRow: row) where kept[run] {
        for x in runs.extent(of: run) {
          counts[Int(map.cells[row * shape.x + x] >> PhaseMap.classShift)] += 1
        }
      }
    }
    return counts
  }
}

/// Union-find over runs; every run knows its shift in periods (x, y, z) against its parent.
private struct RunClusters {
  private var parent: [Int32]
  private var shift: [SIMD3<Int32>]
  private(set) var isWrapped: [Bool]

  init(count: Int) {
    parent = (0..<Int32(count)).map { $0 }
    shift = [SIMD3<Int32>](repeating: .zero, count: count)
    isWrapped = [Bool](repeating: false, count: count)
  }

  /// Root of the cluster of a run and the run's shift against it. Halves the path on the way.
  mutating func root(of run: Int) -> (root: Int, shift: SIMD3<Int32>) {
    var node = run
    var total = SIMD3<Int32>.zero
    while Int(parent[node]) != node {
      let above = Int(parent[node])
      shift[node] &+= shift[above]
      parent[node] = parent[above]
      total &+= shift[node]
      node = Int(parent[node])
    }
    return (node, total)
  }

  /// Joins two runs of which the second lies `step` periods away.
  mutating func union(_ first: Int, _ second: Int, step: SIMD3<Int32>) {
    let a = root(of: first)
    let b = root(of: second)
    let offset = a.shift &+ step &- b.shift
    if a.root == b.root {
      if offset != .zero { isWrapped[a.root] = true }
      return
    }
    let (low, high) = (min(a.root, b.root), max(a.root, b.root))
    parent[high] = Int32(low)
    shift[high] = high == b.root ? offset : .zero &- offset
    isWrapped[low] = isWrapped[low] || isWrapped[high]
  }

  /// Joins the runs of two rows that share a face.
  mutating func join(_ runs: RunTable, _ first: Int, _ second: Int, shift step: SIMD3<Int32>) {
    let firstRuns = runs.runs(ofRow: first)
    let secondRuns = runs.runs(ofRow: second)
    var i = firstRuns.lowerBound
    var j = secondRuns.lowerBound
    while i < firstRuns.upperBound && j < secondRuns.upperBound {
      let a = runs.extent(of: i)
      let b = runs.extent(of: j)
      if a.overlaps(b) { union(i, j, step: step) }
      if a.upperBound <= b.upperBound { i += 1 } else { j += 1 }
    }
  }

  /// Joins the first and the last run of a row across the period.
  mutating func closeRow(_ runs: RunTable, _ row: Int) {
    let range = runs.runs(ofRow: row)
    guard let first = range.first, let last = range.last else { return }
    if runs.extent(of: first).lowerBound == 0 && runs.extent(of: last).upperBound == runs.shape.x {
      union(first, last, step: SIMD3(-1, 0, 0))
    }
  }
}
