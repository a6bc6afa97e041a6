import Volumetry

/// Which chunks of an array nobody ever wrote. Reading gives the fill value there.
struct UnwrittenChunks: Sendable {
  private let shape: [Int]
  private let chunk: [Int]
  private let counts: [Int]
  private let isWritten: [Bool]
  /// Chunks that were never written, and the elements in them.
  let missing: Int
  let elements: Int

  /// Nil where all are written.
  ///
  /// - Parameters:
  ///   - fixed: places along axes that are held; only the chunks there count.
  ///   - isWritten: of the chunk at a place.
  init?(
    _ layout: ChunkLayout, fixed: [Int: Int] = [:], isWritten: ([Int]) throws(VoxelithError) -> Bool
  ) throws(VoxelithError) {
    (shape, chunk, counts) = (layout.shape, layout.chunk, layout.counts)
    let total = counts.reduce(1, *)
    var written = [Bool](repeating: true, count: total)
    var (missing, elements) = (0, 0)
    var place = counts.map { _ in 0 }
    for number in 0..<total {
      if fixed.allSatisfy({ place[$0.key] == $0.value / layout.chunk[$0.key] }), !(try isWritten(place)) {
        written[number] = false
        missing += 1
        var inside = 1
        for axis in place.indices where fixed[axis] == nil {
          inside *= min(chunk[axis], shape[axis] - place[axis] * chunk[axis])
        }
        elements += inside
      }
      for axis in place.indices.reversed() {
        place[axis] += 1
        if place[axis] < counts[axis] { break }
        place[axis] = 0
      }
    }
    guard missing > 0 else { return nil }
    self.isWritten = written
    self.missing = missing
    self.elements = elements
  }

  /// Of how many chunks they are.
  var total: Int { isWritten.count }

  /// The boxes of a box of the array that were never written.
  func boxes(start: [Int], count: [Int]) -> [BoxMask.Part] {
    guard !count.contains(0) else { return [] }
    let low = zip(start, chunk).map { $0 / $1 }
    let high = zip(zip(start, count), chunk).map { ($0.0 + $0.1 - 1) / $1 }
    var result: [BoxMask.Part] = []
    var place = low
    while true {
      if !isWritten[zip(place, counts).reduce(0, { $0 * $1.1 + $1.0 })] {
        let first = place.indices.map { place[$0] * chunk[$0] }
        result.append((first, place.indices.map { min(chunk[$0], shape[$0] - first[$0]) }))
      }
      var axis = place.count - 1
      while axis >= 0 {
        place[axis] += 1
        if place[axis] <= high[axis] { break }
        place[axis] = low[axis]
        axis -= 1
      }
      if axis < 0 { return result }
    }
  }

  /// Whether each element of a box was never written, in the order of the box; nil where all were.
  func mask(start: [Int], count: [Int]) -> [Bool]? {
    let parts = boxes(start: start, count: count)
    guard !parts.isEmpty else { return nil }
    var mask = [Bool](repeating: false, count: count.reduce(1, *))
    for part in parts { BoxMask.set(&mask, to: true, part, start, count) }
    return mask
  }
}
