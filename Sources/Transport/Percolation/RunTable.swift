import Volumetry

/// Stretches of neighbouring voxels along x, row by row: the sparse form of a mask.
struct RunTable: Sendable {
  let shape: Shape
  /// Runs of row `r` (r = z * shape.y + y) are `offsets[r] ..< offsets[r + 1]`.
  private(set) var offsets: [Int]
  private(set) var starts: PagedArray<UInt16>
  private(set) var ends: PagedArray<UInt16>

  var count: Int { starts.count }

  func runs(ofRow row: Int) -> Range<Int> { offsets[row]..<offsets[row + 1] }

  /// Runs of all rows of slice `z`.
  func runs(ofSlice z: Int) -> Range<Int> { offsets[z * shape.y]..<offsets[(z + 1) * shape.y] }

  func extent(of run: Int) -> Range<Int> { Int(starts[run])..<Int(ends[run]) }

  /// Runs of the voxels that belong to a conducting class.
  init(conducting map: PhaseMap, memory: WorkingMemory, threads: Int) throws(VoxelithError) {
    let cells = map.cells
    let shape = map.shape
    try self.init(shape: shape, memory: memory, threads: threads) { z, slice in
      let span = cells.span
      for y in 0..<shape.y {
        let start = shape.index(z: z, y: y, x: 0)
        slice.scan(span.extracting(start..<(start + shape.x)))
      }
    }
  }

  /// The runs that `keep` names, joined over gaps shorter than `gap` voxels.
  func selecting(_ keep: PagedArray<Bool>, joiningGapsBelow gap: Int) throws(VoxelithError) -> RunTable {
    let memory = starts.memory
    var result = try RunTable(shape: shape, memory: memory)
    var slice = RunSlice()
    for row in 0..<(shape.z * shape.y) {
      if row % shape.y == 0 { try Cancellation.poll() }
      let first = slice.starts.count
      for run in runs(ofRow: row) where keep[run] {
        if slice.starts.count > first, let last = slice.ends.last, Int(starts[run]) - Int(last) < gap {
          slice.ends[slice.ends.count - 1] = ends[run]
        } else {
          slice.starts.append(starts[run])
          slice.ends.append(ends[run])
        }
      }
      slice.rowEnds.append(slice.starts.count)
      if (row + 1) % shape.y == 0 {
        memory.touched(5 * slice.starts.count)
        try result.append(slice)
        slice = RunSlice()
      }
    }
    return result
  }

  private init(shape: Shape, memory: WorkingMemory) throws(VoxelithError) {
    self.shape = shape
    offsets = [0]
    starts = try PagedArray(in: memory)
    ends = try PagedArray(in: memory)
    offsets.reserveCapacity(shape.z * shape.y + 1)
  }

  private init(
    shape: Shape, memory: WorkingMemory, threads: Int, fill: @Sendable (Int, inout RunSlice) -> Void
  ) throws(VoxelithError) {
    try self.init(shape: shape, memory: memory)
    let batch = 4 * threads
    for first in stride(from: 0, to: shape.z, by: batch) {
      let count = min(batch, shape.z - first)
      let slices = try Parallel.map(count, threads: threads) { index in
        var slice = RunSlice()
        fill(first + index, &slice)
        return slice
      }
      memory.touched(count * shape.y * shape.x)
      for slice in slices { try append(slice) }
    }
  }

  private mutating func append(_ slice: RunSlice) throws(VoxelithError) {
    let base = starts.count
    for count in slice.rowEnds { offsets.append(base + count) }
    try starts.append(contentsOf: slice.starts.span)
    try ends.append(contentsOf: slice.ends.span)
  }
}

/// The runs of one slice.
private struct RunSlice: Sendable {
  var starts: [UInt16] = []
  var ends: [UInt16] = []
  /// Number of runs up to the end of each row.
  var rowEnds: [Int] = []

  mutating func scan(_ row: Span<UInt8>) {
    var x = 0
    let count = row.count
    while x < count {
      while x < count && row[x] < 1 << PhaseMap.classShift { x += 1 }
      if x == count { break }
      starts.append(UInt16(x))
      while x < count && row[x] >= 1 << PhaseMap.classShift { x += 1 }
      ends.append(UInt16(x))
    }
    rowEnds.append(starts.count)
  }
}
