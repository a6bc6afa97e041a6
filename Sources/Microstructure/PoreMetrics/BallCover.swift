import CMicrostructureKernels
import Volumetry

/// Balls whose union is the phase, painted into the voxels that they cover.
struct BallCover: Sendable {
  /// Centres of the balls of one radius, as z, y, x in the order of z.
  private struct Group: Sendable {
    let radius: Float
    var centers: [Int32]
  }

  private let grid: Grid
  /// From the largest radius to the smallest.
  private let groups: [Group]

  /// Keeps the balls that no ball of a neighbour contains: most lie on the ridges of the distance.
  ///
  /// - Parameter centers: voxels that balls are looked for at.
  init(radii: [Float], grid: Grid, centers: Region, threads: Int) throws(VoxelithError) {
    self.grid = grid
    let parts = try Parallel.map(grid.shape.z, threads: threads) { (z) throws(VoxelithError) in
      centers.z.contains(z) ? Self.ridge(radii, grid: grid, slice: z, centers: centers) : []
    }
    var groups: [Group] = []
    var places = NumberPlaces()
    for (z, part) in parts.enumerated() {
      for ball in part {
        let place = places.place(of: ball.radius)
        if place == groups.count { groups.append(Group(radius: ball.radius, centers: [])) }
        groups[place].centers.append(Int32(z))
        groups[place].centers.append(ball.y)
        groups[place].centers.append(ball.x)
      }
    }
    self.groups = groups.sorted { $0.radius > $1.radius }
  }

  private static func ridge(
    _ radii: [Float], grid: Grid, slice z: Int, centers: Region
  ) -> [(y: Int32, x: Int32, radius: Float)] {
    let shape = grid.shape
    var found: [(y: Int32, x: Int32, radius: Float)] = []
    guard !centers.x.isEmpty else { return found }
    // Places that are no centre, or whose ball one of a neighbour contains.
    var inner = [Int32](repeating: 0, count: centers.x.count)
    var parts: [RowPart] = []
    for y in centers.y {
      // Rows inside the slice have the same neighbours.
      if y <= 1 || y == shape.y - 1 || y == centers.y.lowerBound {
        parts = RowPart.all(centers.x, z: z, y: y, grid: grid)
      }
      let line = shape.index(z: z, y: y, x: 0)
      for part in parts { part.mark(&inner, from: centers.x.lowerBound, radii.span, line: line) }
      for x in centers.x where inner[x - centers.x.lowerBound] == 0 {
        found.append((Int32(y), Int32(x), radii[line + x]))
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
      var rows = BallRows()
      for group in groups { paint(group, &rows, slab, into: &span) }
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

  private func paint(
    _ group: Group, _ rows: inout BallRows, _ slab: Region, into span: inout MutableSpan<Float>
  ) {
    let reach = BallRows.reach(group.radius, grid.spacing.z)
    let first = place(group, of: slab.lower.z - reach)
    let last = place(group, of: slab.z.upperBound + reach)
    guard first < last else { return }
    rows.set(radius: group.radius, spacing: grid.spacing)
    let box = [slab.lower.z, slab.lower.y, slab.lower.x, slab.shape.z, slab.shape.y, slab.shape.x].map {
      Int32($0)
    }
    unsafe group.centers.withUnsafeBufferPointer { centers in
      unsafe span.withUnsafeMutableBufferPointer { values in
        unsafe vmk_paint_balls(
          centers.baseAddress?.advanced(by: 3 * first), last - first, group.radius, Int32(reach),
          rows.reaches,
          rows.starts, rows.halves, box, values.baseAddress)
      }
    }
  }

  /// The first ball of a group that does not lie below a slice.
  private func place(_ group: Group, of z: Int) -> Int {
    var (low, high) = (0, group.centers.count / 3)
    while low < high {
      let middle = (low + high) / 2
      if Int(group.centers[3 * middle]) < z { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// The rows of voxels that a ball of one radius covers, told for one eighth of it.
private struct BallRows {
  /// For each step along z the steps along y, less than none where there is no row, and where its rows begin.
  private(set) var reaches: [Int32] = []
  private(set) var starts: [Int32] = []
  /// For each row the steps along x.
  private(set) var halves: [Int32] = []

  /// A hair less than the radius: the nearest centre outside, and what is as far, is not covered.
  private static func within(_ radius: Float) -> Double { Double(radius) * (1 - 1e-6) }

  /// Steps along an axis.
  static func reach(_ radius: Float, _ spacing: Double) -> Int { Int(within(radius) / spacing) }

  mutating func set(radius: Float, spacing s: SIMD3<Double>) {
    reaches.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
    halves.removeAll(keepingCapacity: true)
    let r = Self.within(radius)
    for z in 0...Self.reach(radius, s.z) {
      let dz = Double(z) * s.z
      let restZ = r * r - dz * dz
      starts.append(Int32(halves.count))
      guard restZ >= 0 else {
        reaches.append(-1)
        continue
      }
      let reachY = Int(restZ.squareRoot() / s.y)
      reaches.append(Int32(reachY))
      for y in 0...reachY {
        let dy = Double(y) * s.y
        let rest = restZ - dy * dy
        halves.append(rest >= 0 ? Int32(rest.squareRoot() / s.x) : -1)
      }
    }
  }
}

/// Places of a row that have the same neighbours.
private struct RowPart {
  private let columns: Range<Int>
  private var offsets: [Int] = []
  private var distances: [Float] = []

  /// The parts of a row: its ends have fewer neighbours.
  static func all(_ columns: Range<Int>, z: Int, y: Int, grid: Grid) -> [RowPart] {
    let last = grid.shape.x - 1
    let ends = Set([0, last]).filter(columns.contains).sorted()
    let middle = columns.clamped(to: 1..<max(1, last))
    return ends.map { RowPart($0..<($0 + 1), z: z, y: y, grid: grid) }
      + (middle.isEmpty ? [] : [RowPart(middle, z: z, y: y, grid: grid)])
  }

  private init(_ columns: Range<Int>, z: Int, y: Int, grid: Grid) {
    self.columns = columns
    let shape = grid.shape
    for dz in -1...1 where (0..<shape.z).contains(z + dz) {
      for dy in -1...1 where (0..<shape.y).contains(y + dy) {
        for dx in -1...1 where dz != 0 || dy != 0 || dx != 0 {
          guard columns.lowerBound + dx >= 0, columns.upperBound + dx <= shape.x else { continue }
          let d = SIMD3(Double(dx), Double(dy), Double(dz)) * grid.spacing
          offsets.append((dz * shape.y + dy) * shape.x + dx)
          // A hair less, so that equal balls on a straight line are found in spite of rounding.
          distances.append(Float((d * d).sum().squareRoot() * (1 - 1e-6)))
        }
      }
    }
  }

  /// Notes where there is no ball, and where the ball of a neighbour contains it.
  ///
  /// - Parameter line: place of the row's first voxel.
  func mark(_ flags: inout [Int32], from first: Int, _ radii: Span<Float>, line: Int) {
    let start = line + columns.lowerBound
    precondition(
      columns.lowerBound >= first && columns.upperBound - first <= flags.count
        && start + min(0, offsets.min() ?? 0) >= 0
        && start + columns.count + max(0, offsets.max() ?? 0) <= radii.count)
    unsafe flags.withUnsafeMutableBufferPointer { flags in
      unsafe radii.withUnsafeBufferPointer { radii in
        guard let flags = flags.baseAddress, let radii = radii.baseAddress else { return }
        unsafe vmk_inner_balls(
          radii + start, offsets, distances, offsets.count, columns.count,
          flags + (columns.lowerBound - first))
      }
    }
  }
}
