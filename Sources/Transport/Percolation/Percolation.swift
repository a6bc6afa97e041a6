import Volumetry

/// Which runs of a mask carry a flux from one side of the box to the other.
///
/// Neighbours are voxels that share a face. Runs are joined row by row with a union-find, in one
/// sequential sweep, so the outcome does not depend on threads. With fixed concentrations a cluster
/// percolates when it touches every such face. In a box that repeats, each run also keeps by how many
/// periods it is shifted against the root of its cluster; a cluster percolates when a loop closes
/// with a shift, that is, when it is joined to a copy of itself (Machta et al., Phys. Rev. E 54
/// (1996) 1332).
struct Percolation: Sendable {
  /// Whether each run belongs to a cluster that percolates.
  let isKept: PagedArray<Bool>
  /// Voxels in those clusters, by conductivity class.
  let counts: [Int]

  var isEmpty: Bool { !counts.contains { $0 > 0 } }

  /// - Throws: where the working arrays find no room (see `PagedArray`).
  init(runs: RunTable, map: PhaseMap, boundary: BoundaryConditions) throws(VoxelithError) {
    let memory = runs.starts.memory
    var clusters = try RunClusters(count: runs.count, isPeriodic: boundary.isPeriodic, memory: memory)
    let shape = runs.shape
    for z in 0..<shape.z {
      try Cancellation.poll()
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
      memory.touched(runs.runs(ofSlice: z).count * RunClusters.bytesPerRun)
    }
    isKept =
      boundary.isPeriodic
      ? try Self.wrapped(runs, &clusters) : try Self.touching(runs, &clusters, boundary)
    counts = try Self.count(runs, isKept, map)
  }

  private static func wrapped(
    _ runs: RunTable, _ clusters: inout RunClusters
  ) throws(VoxelithError) -> PagedArray<Bool> {
    let kept = try PagedArray(repeating: false, count: runs.count, in: runs.starts.memory)
    for z in 0..<runs.shape.z {
      try Cancellation.poll()
      for run in runs.runs(ofSlice: z) { kept[run] = clusters.isWrapped[clusters.root(of: run).root] }
      kept.memory.touched(runs.runs(ofSlice: z).count * RunClusters.bytesPerRun)
    }
    return kept
  }

  /// Runs of clusters that touch every face with a concentration of its own.
  private static func touching(
    _ runs: RunTable, _ clusters: inout RunClusters, _ boundary: BoundaryConditions
  ) throws(VoxelithError) -> PagedArray<Bool> {
    let axis = boundary.driven
    let wanted: UInt8 =
      (boundary[axis].isFixed(upper: false) ? 1 : 0) | (boundary[axis].isFixed(upper: true) ? 2 : 0)
    let shape = runs.shape
    let memory = runs.starts.memory
    let touched = try PagedArray<UInt8>(repeating: 0, count: runs.count, in: memory)
    for row in 0..<(shape.z * shape.y) {
      if row % shape.y == 0 { try Cancellation.poll() }
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
      if row % shape.y == 0 { memory.touched(runs.runs(ofSlice: row / shape.y).count * 10) }
    }
    let kept = try PagedArray(repeating: false, count: runs.count, in: memory)
    for z in 0..<shape.z {
      try Cancellation.poll()
      for run in runs.runs(ofSlice: z) { kept[run] = touched[clusters.root(of: run).root] & wanted == wanted }
      memory.touched(runs.runs(ofSlice: z).count * 10)
    }
    return kept
  }

  private static func count(
    _ runs: RunTable, _ kept: PagedArray<Bool>, _ map: PhaseMap
  ) throws(VoxelithError) -> [Int] {
    var counts = [Int](repeating: 0, count: map.counts.count)
    let shape = runs.shape
    let cells = map.cells.span
    for row in 0..<(shape.z * shape.y) {
      if row % shape.y == 0 { try Cancellation.poll() }
      for run in runs.runs(ofRow: row) where kept[run] {
        for x in runs.extent(of: run) {
          counts[Int(cells[row * shape.x + x] >> PhaseMap.classShift)] += 1
        }
      }
      if row % shape.y == 0 { kept.memory.touched(shape.y * shape.x) }
    }
    return counts
  }
}

/// Union-find over runs; every run knows its shift in periods (x, y, z) against its parent.
private struct RunClusters {
  private var parent: PagedArray<Int32>
  /// Empty where the box does not repeat.
  private var shift: PagedArray<SIMD3<Int32>>
  private(set) var isWrapped: PagedArray<Bool>

  /// Bytes that visiting a run takes, its start and end among them.
  static let bytesPerRun = 26

  init(count: Int, isPeriodic: Bool, memory: WorkingMemory) throws(VoxelithError) {
    guard count <= Int(Int32.max) else {
      throw VoxelithError(
        .usage, "\(count) stretches of pore are more than the 2147483647 that can be joined",
        advice: "coarsen the volume, or solve a part of it")
    }
    let parent = try PagedArray<Int32>(repeating: 0, count: count, in: memory)
    var own = parent.mutableSpan
    memory.inBlocks(of: count, bytes: 4) { runs in
      for run in runs { own[run] = Int32(run) }
    }
    self.parent = parent
    shift = try PagedArray(repeating: .zero, count: isPeriodic ? count : 0, in: memory)
    isWrapped = try PagedArray(repeating: false, count: isPeriodic ? count : 0, in: memory)
  }

  private var isPeriodic: Bool { !shift.isEmpty }

  /// Root of the cluster of a run and the run's shift against it. Halves the path on the way.
  mutating func root(of run: Int) -> (root: Int, shift: SIMD3<Int32>) {
    var node = run
    var total = SIMD3<Int32>.zero
    while Int(parent[node]) != node {
      let above = Int(parent[node])
      if isPeriodic {
        shift[node] &+= shift[above]
        total &+= shift[node]
      }
      parent[node] = parent[above]
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
      if isPeriodic && offset != .zero { isWrapped[a.root] = true }
      return
    }
    let (low, high) = (min(a.root, b.root), max(a.root, b.root))
    parent[high] = Int32(low)
    guard isPeriodic else { return }
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
