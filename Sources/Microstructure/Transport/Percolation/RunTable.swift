import Volumetry

/// Stretches of neighbouring voxels along x, row by row: the sparse form of a mask.
struct RunTable: Sendable {
  let shape: Shape
  /// Runs of row `r` (r = z * shape.y + y) are `offsets[r] ..< offsets[r + 1]`.
  private(set) var offsets: [Int]
  private(set) var starts: [Int32]
  private(set) var ends: [Int32]

  var count: Int { starts.count }

  func runs(ofRow row: Int) -> Range<Int> { offsets[row]..<offsets[row + 1] }

  func extent(of run: Int) -> Range<Int> { Int(starts[run])..<Int(ends[run]) }

  /// Runs of the voxels that belong to a conducting class.
  init(conducting map: PhaseMap, threads: Int) throws(VoxelithError) {
    let cells = map.cells
    let shape = map.shape
    try self.init(shape: shape, threads: threads) { z, slice in
      let span = cells.span
      for y in 0..<shape.y {
        let start = shape.index(z: z, y: y, x: 0)
        slice.scan(span.extracting(start..<(start + shape.x)))
      }
    }
  }

  /// The runs that `keep` names, joined over gaps shorter than `gap` voxels.
  func selecting(_ keep: [Bool], joiningGapsBelow gap: Int) -> RunTable {
    var result = RunTable(shape: shape)
    for row in 0..<(shape.z * shape.y) {
      let first = result.starts.count
      for run in runs(ofRow: row) where keep[run] {
        if result.starts.count > first, let last = result.ends.last, Int(starts[run] - last) < gap {
          result.ends[result.ends.count - 1] = ends[run]
        } else {
          result.starts.append(starts[run])
          result.ends.append(ends[run])
        }
      }
      result.offsets.append(result.starts.count)
    }
    return result
  }

  private init(shape: Shape) {
    self.shape = shape
    offsets = [0]
    starts = []
    ends = []
    offsets.reserveCapacity(shape.z * shape.y + 1)
  }

  private init(
    shape: Shape, threads: Int, fill: @Sendable (Int, inout RunSlice) -> Void
  ) throws(VoxelithError) {
    self.init(shape: shape)
    let slices = try Parallel.map(shape.z, threads: threads) { z in
      var slice = RunSlice()
      fill(z, &slice)
      return slice
    }
    let total = slices.reduce(0) { $0 + $1.starts.count }
    starts.reserveCapacity(total)
    ends.reserveCapacity(total)
    for slice in slices {
      let base = starts.count
      for count in slice.rowEnds { offsets.append(base + count) }
      starts.append(contentsOf: slice.starts)
      ends.append(contentsOf: slice.ends)
    }
  }
}

/// The runs of one slice.
private struct RunSlice: Sendable {
  var starts: [Int32] = []
  var ends: [Int32] = []
  var rowEnds: [Int] = []

  mutating func scan(_ row: Span<UInt8>) {
    var x = 0
    let count = row.count
    while x < count {
      while x < count && row[x] < 1 << PhaseMap.classShift { x += 1 }
      if x == count { break }
      starts.append(Int32(x))
      while x < count && row[x] >= 1 << PhaseMap.classShift { x += 1 }
      ends.append(Int32(x))
    }
    rowEnds.append(starts.count)
  }
}
