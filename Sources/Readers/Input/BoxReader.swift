import Volumetry

/// Reads boxes of an array of any number of axes that lies uncompressed in one piece of a file, the last axis fastest, on
/// several threads and straight to their place.
struct BoxReader: Sendable {
  let file: InputFile
  let shape: [Int]
  let elementSize: Int
  /// First byte of the array.
  let offset: Int
  let swapsBytes: Bool

  /// - Precondition: the box lies within the array and holds elements.
  func read(
    start: [Int], count: [Int], threads: Int, into bytes: DisjointBytes
  ) throws(VoxelithError) {
    let strides = shape.rowStrides(of: elementSize)
    // Axes that are wanted whole join the one before.
    var axis = shape.count - 1
    var run = elementSize
    while axis >= 0, count[axis] == shape[axis] {
      run *= count[axis]
      axis -= 1
    }
    if axis >= 0 {
      run *= count[axis]
      axis -= 1
    }
    let (rows, rowStride) = axis >= 0 ? (count[axis], strides[axis]) : (1, run)
    let outer = axis > 0 ? Array(count[..<axis]) : []
    let base = zip(start, strides).reduce(offset) { $0 + $1.0 * $1.1 }
    // Pieces of a few megabytes each, so that threads have work.
    let part = max(1, min(rows, (4 << 20) / max(1, run)))
    let parts = (rows + part - 1) / part
    let pieces = outer.reduce(parts, *)
    let total = pieces * part * run
    let length = run
    _ = try Parallel.map(pieces, threads: total < 1 << 20 ? 1 : threads) { (piece) throws(VoxelithError) in
      let first = piece % parts * part
      var rest = piece / parts
      var place = base + first * rowStride
      for (axis, side) in outer.enumerated().reversed() {
        place += rest % side * strides[axis]
        rest /= side
      }
      let here = min(part, rows - first)
      let target = (piece / parts * rows + first) * length
      let reader = RowReader(file: file, offset: place, stride: rowStride, rows: here, run: length)
      unsafe try bytes.withPiece(target..<(target + here * length)) { (target) throws(VoxelithError) in
        unsafe try reader.read(into: target)
        if swapsBytes { unsafe ByteOrder.swap(target, elementSize: elementSize) }
      }
    }
  }
}
