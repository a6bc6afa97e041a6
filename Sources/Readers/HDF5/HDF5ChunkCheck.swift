import CHDF5
import Volumetry

/// Checks that the pieces of an array are as long as the library takes for granted.
///
/// The library of Debian 12 copies out of a chunk without asking how long it is, so that a damaged file
/// could end the process: a chunk whose filters are marked as left out must have its full length.
struct HDF5ChunkCheck {
  private let dataset: hid_t
  private let chunk: [Int]
  private let bytes: Int
  private let isPacked: Bool
  private let isDeflated: Bool
  private let file: String
  private let path: String
  private var raw: [UInt8] = []

  /// Nil for an array that is not cut in chunks.
  init?(_ dataset: HDF5Dataset, elementSize: Int) {
    guard let chunk = dataset.chunk, chunk.allSatisfy({ $0 > 0 }) else { return nil }
    self.dataset = dataset.handle.id
    self.chunk = chunk
    var bytes = elementSize
    for side in chunk {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: side)
      bytes = overflow ? .max : product
    }
    self.bytes = bytes
    isPacked = !dataset.filters.isEmpty
    isDeflated = dataset.filters.contains { $0.identifier == 1 }
    file = dataset.file.path
    path = dataset.path
  }

  /// Checks the chunks that a box touches; the caller holds the library's lock.
  ///
  /// - Throws: `data` at the first one that is damaged.
  mutating func check(start: [Int], count: [Int]) throws(VoxelithError) {
    let first = zip(start, chunk).map { $0 / $1 }
    let last = zip(zip(start, count), chunk).map { ($0.0 + $0.1 - 1) / $1 }
    var place = first
    while true {
      try check(place)
      var axis = place.count - 1
      while axis >= 0, place[axis] == last[axis] {
        place[axis] = first[axis]
        axis -= 1
      }
      if axis < 0 { return }
      place[axis] += 1
    }
  }

  /// Chunks that are asked for at once: the library takes some 6 KB for each, written or not.
  static let batch = 1024

  /// Number of chunks that a box from the first element on touches.
  func count(count: [Int]) -> Int {
    zip(count, chunk).reduce(1) { total, side in
      let (product, overflow) = total.multipliedReportingOverflow(by: (side.0 - 1) / side.1 + 1)
      return overflow ? .max : product
    }
  }

  /// A box cut at the sides of chunks into boxes that touch no more than a batch of them.
  func batches(start: [Int], count: [Int]) -> [(start: [Int], count: [Int])] {
    let first = zip(start, chunk).map { $0 / $1 }
    let sides = zip(zip(start, count), zip(chunk, first)).map { ($0.0 + $0.1 - 1) / $1.0 - $1.1 + 1 }
    let touched = sides.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
    guard touched > Self.batch || touched <= 0, let axis = sides.indices.max(by: { sides[$0] < sides[$1] })
    else {
      return [(start, count)]
    }
    let cut = (first[axis] + sides[axis] / 2) * chunk[axis]
    var (left, right, rest) = (count, count, start)
    left[axis] = cut - start[axis]
    right[axis] -= left[axis]
    rest[axis] = cut
    return batches(start: start, count: left) + batches(start: rest, count: right)
  }

  private mutating func check(_ place: [Int]) throws(VoxelithError) {
    let offset = zip(place, chunk).map { hsize_t($0 * $1) }
    var length: hsize_t = 0
    guard unsafe H5Dget_chunk_storage_size(dataset, offset, &length) >= 0 else {
      // A chunk that was never written reads as the fill value.
      _ = HDF5Library.takeMessage()
      return
    }
    if length == 0 { return }
    if !isPacked {
      guard length == hsize_t(bytes) else { throw damaged(place, length) }
      return
    }
    guard length < hsize_t(bytes) * 2 + 65536 else { throw damaged(place, length) }
    if raw.count < Int(length) { raw = [UInt8](repeating: 0, count: Int(length)) }
    var mask: UInt32 = 0
    try unsafe HDF5Library.check(
      H5Dread_chunk(dataset, HDF5Library.defaults, offset, &mask, &raw), .data,
      "the chunk at \(place) cannot be read: the file is truncated or damaged", file: file, place: path)
    // Deflate shrinks at most 1032 times. Filters are left out where they would make a chunk longer: it then has its own length, and the
    // four bytes of a checksum perhaps.
    if mask == 0, isDeflated, Int(length) < bytes / 1040 { throw damaged(place, length) }
    if mask != 0, length != hsize_t(bytes), length != hsize_t(bytes) + 4 {
      throw damaged(place, length)
    }
  }

  private func damaged(_ place: [Int], _ length: hsize_t) -> VoxelithError {
    VoxelithError(
      .data, "the chunk at \(place) has \(length) bytes where \(bytes) are needed: the file is damaged",
      file: file, place: path)
  }
}
