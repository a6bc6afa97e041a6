import Volumetry

/// How an array is cut into chunks of one shape, and how the elements of a chunk lie in memory.
///
/// Chunks at the far border are as long as the others; what reaches beyond the array means nothing.
struct ChunkLayout: Sendable {
  let shape: [Int]
  let chunk: [Int]
  let elementSize: Int
  /// Bytes between neighbours along each axis of an unpacked chunk.
  let strides: [Int]
  /// Bytes of an unpacked chunk.
  let bytes: Int
  /// Number of chunks along each axis.
  let counts: [Int]

  /// Nil where the sides make no sense or a chunk is beyond measure.
  ///
  /// - Parameter order: the axes of an unpacked chunk from the slowest to the fastest; as they are counted by default.
  init?(shape: [Int], chunk: [Int], elementSize: Int, order: [Int]? = nil) {
    guard shape.count == chunk.count, !shape.isEmpty,
      order.map({ $0.sorted() == Array(shape.indices) }) ?? true, chunk.allSatisfy({ $0 > 0 }),
      shape.allSatisfy({ $0 >= 0 })
    else { return nil }
    var strides = chunk
    var step = elementSize
    for axis in (order ?? Array(chunk.indices)).reversed() {
      strides[axis] = step
      let (product, overflow) = step.multipliedReportingOverflow(by: chunk[axis])
      guard !overflow, product < 1 << 46 else { return nil }
      step = product
    }
    self.shape = shape
    self.chunk = chunk
    self.elementSize = elementSize
    self.strides = strides
    bytes = step
    counts = zip(shape, chunk).map { $0 == 0 ? 0 : ($0 - 1) / $1 + 1 }
    var total = 1
    for count in counts {
      let (product, overflow) = total.multipliedReportingOverflow(by: count)
      guard !overflow else { return nil }
      total = product
    }
  }

  /// The number of a chunk, the last axis fastest.
  func number(of place: [Int]) -> Int {
    zip(place, counts).reduce(0) { $0 * $1.1 + $1.0 }
  }

  /// Chunks that the widest layer of them holds: a sweep through the array in any direction asks for no more of them
  /// before it comes back to one.
  var layer: Int {
    let total = counts.reduce(1, *)
    return counts.map { total / max(1, $0) }.max() ?? 1
  }
}
