import CHDF5
import Volumetry

/// Reads boxes of arrays whose chunks are shuffled and deflated, the commonest packing.
///
/// libhdf5 unpacks inside its one lock; here only the packed bytes are fetched inside it, so that several threads
/// unpack at once, and each chunk is fetched once instead of twice (the check of its length needs the bytes, too).
struct HDF5PackedReader {
  private let dataset: HDF5Dataset
  private let chunk: [Int]
  private let elementSize: Int
  private let isShuffled: Bool
  private let chunkBytes: Int

  /// Nil where the array has another storage, other filters, or numbers that need converting.
  init?(_ dataset: HDF5Dataset, type: VoxelType, isNative: Bool) {
    guard let chunk = dataset.chunk, !chunk.isEmpty, chunk.count == dataset.shape.count, isNative else {
      return nil
    }
    switch dataset.filters.map(\.identifier) {
    case [1]: isShuffled = false
    case [2, 1]: isShuffled = type.size > 1
    default: return nil
    }
    var bytes = type.size
    for side in chunk {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: side)
      guard !overflow, product > 0 else { return nil }
      bytes = product
    }
    guard bytes <= 1 << 28 else { return nil }
    self.dataset = dataset
    self.chunk = chunk
    elementSize = type.size
    chunkBytes = bytes
  }

  /// The box in the order of the file; nil where one of its chunks was never written or is packed in another way, so
  /// that the library has to read it.
  ///
  /// - Throws: `data` at a damaged chunk.
  func read<Element: VoxelElement>(
    start: [Int], count: [Int], as type: Element.Type
  ) throws(VoxelithError) -> [Element]? {
    let total = count.reduce(1, *)
    let inflater = Inflater()
    var packed: [UInt8] = []
    var plain = [UInt8](repeating: 0, count: chunkBytes)
    var shuffled = [UInt8](repeating: 0, count: isShuffled ? chunkBytes : 0)
    var result = [Element](repeating: Element.zeroValue, count: total)
    let first = zip(start, chunk).map { $0 / $1 }
    let last = zip(zip(start, count), chunk).map { ($0.0 + $0.1 - 1) / $1 }
    var place = first
    while true {
      guard let length = try fetch(place, into: &packed) else { return nil }
      let isWhole = unsafe packed.withUnsafeBytes { bytes in
        let stream = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<length])
        return unsafe isShuffled
          ? shuffled.withUnsafeMutableBytes { unsafe inflater.unpack(stream, into: $0) }
          : plain.withUnsafeMutableBytes { unsafe inflater.unpack(stream, into: $0) }
      }
      guard isWhole else {
        throw VoxelithError(
          .data,
          "the chunk at \(place) does not unpack to \(chunkBytes) bytes: the file is truncated or damaged",
          file: dataset.file.path, place: dataset.path)
      }
      if isShuffled { Self.unshuffle(shuffled.span, into: &plain, size: elementSize) }
      copy(plain, of: place, into: &result, start: start, count: count)
      var axis = place.count - 1
      while axis >= 0, place[axis] == last[axis] {
        place[axis] = first[axis]
        axis -= 1
      }
      if axis < 0 { return result }
      place[axis] += 1
    }
  }

  /// The packed bytes of a chunk and their number; nil where the chunk was never written or left filters out.
  private func fetch(_ place: [Int], into packed: inout [UInt8]) throws(VoxelithError) -> Int? {
    let offset = zip(place, chunk).map { hsize_t($0 * $1) }
    let path = dataset.path
    let file = dataset.file.path
    return try HDF5Library.exclusively { () throws(VoxelithError) -> Int? in
      var length: hsize_t = 0
      guard unsafe H5Dget_chunk_storage_size(dataset.handle.id, offset, &length) >= 0 else {
        _ = HDF5Library.takeMessage()
        return nil
      }
      if length == 0 { return nil }
      guard length < hsize_t(chunkBytes) * 2 + 65536 else {
        throw VoxelithError(
          .data, "the chunk at \(place) claims \(length) bytes packed: the file is damaged", file: file,
          place: path)
      }
      if packed.count < Int(length) { packed = [UInt8](repeating: 0, count: Int(length)) }
      var mask: UInt32 = 0
      try unsafe HDF5Library.check(
        H5Dread_chunk(dataset.handle.id, HDF5Library.defaults, offset, &mask, &packed), .data,
        "the chunk at \(place) cannot be read: the file is truncated or damaged", file: file, place: path)
      return mask == 0 ? Int(length) : nil
    }
  }

  /// Puts bytes together that lie apart by their significance.
  static func unshuffle(_ source: Span<UInt8>, into target: inout [UInt8], size: Int) {
    let elements = source.count / size
    var out = target.mutableSpan
    if size == 4 {
      let first = source.extracting(0..<elements)
      let second = source.extracting(elements..<(2 * elements))
      let third = source.extracting((2 * elements)..<(3 * elements))
      let fourth = source.extracting((3 * elements)..<(4 * elements))
      var place = 0
      for index in first.indices {
        out[place] = first[index]
        out[place + 1] = second[index]
        out[place + 2] = third[index]
        out[place + 3] = fourth[index]
        place += 4
      }
      return
    }
    for byte in 0..<size {
      let plane = source.extracting((byte * elements)..<((byte + 1) * elements))
      var place = byte
      for index in plane.indices {
        out[place] = plane[index]
        place += size
      }
    }
  }

  /// Copies what the chunk at `place` and the box share, row by row along the last axis.
  private func copy<Element: VoxelElement>(
    _ plain: [UInt8], of place: [Int], into result: inout [Element], start: [Int], count: [Int]
  ) {
    let rank = chunk.count
    var low = [Int](repeating: 0, count: rank)
    var sides = low
    for axis in 0..<rank {
      let from = place[axis] * chunk[axis]
      low[axis] = max(from, start[axis])
      sides[axis] = min(from + chunk[axis], start[axis] + count[axis]) - low[axis]
    }
    let row = sides[rank - 1]
    let rows = sides.dropLast().reduce(1, *)
    unsafe plain.withUnsafeBytes { source in
      unsafe result.withUnsafeMutableBytes { target in
        for index in 0..<rows {
          var rest = index
          var from = low[rank - 1] - place[rank - 1] * chunk[rank - 1]
          var to = low[rank - 1] - start[rank - 1]
          var fromStride = chunk[rank - 1]
          var toStride = count[rank - 1]
          var axis = rank - 2
          while axis >= 0 {
            let at = low[axis] + rest % sides[axis]
            rest /= sides[axis]
            from += (at - place[axis] * chunk[axis]) * fromStride
            to += (at - start[axis]) * toStride
            fromStride *= chunk[axis]
            toStride *= count[axis]
            axis -= 1
          }
          let bytes = row * elementSize
          let piece = unsafe UnsafeRawBufferPointer(
            rebasing: source[(from * elementSize)..<(from * elementSize + bytes)])
          unsafe UnsafeMutableRawBufferPointer(
            rebasing: target[(to * elementSize)..<(to * elementSize + bytes)]
          ).copyMemory(from: piece)
        }
      }
    }
  }
}
