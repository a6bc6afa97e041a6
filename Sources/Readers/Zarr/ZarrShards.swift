import Volumetry

/// Finds chunks in files that hold several of them and an index (zarr-specs, codec `sharding_indexed` 1.0).
final class ZarrShards: Sendable {
  private let shape: [Int]
  /// Chunks along each axis of a shard, and how many that are.
  private let counts: [Int]
  private let total: Int
  private let isIndexAtEnd: Bool
  private let hasChecksum: Bool
  private let indices = Guarded(Indices())

  /// Indices that were read last, by the path of their shard.
  private struct Indices {
    var known: [String: [UInt64]] = [:]
    var order: [String] = []
    /// The shard that was not there when it was asked for last.
    var absent: String?
  }

  /// Entries of all indices that are kept.
  private static let most = 1 << 20

  /// - Throws: `data` where a shard would hold more chunks than make sense.
  init(_ shards: ZarrDescription.Shards, of array: ZarrDescription) throws(VoxelithError) {
    counts = zip(shards.shape, array.chunk).map { $0 / $1 }
    guard let total = ZarrDescription.product(counts, times: 1), total <= 1 << 22 else {
      throw VoxelithError(.data, "shards of \(counts) chunks are not possible", file: array.path)
    }
    self.total = total
    shape = shards.shape
    isIndexAtEnd = shards.isIndexAtEnd
    hasChecksum = shards.hasChecksum
  }

  var chunksPerShard: Int { total }

  /// The shard that holds a chunk.
  func shard(of chunk: [Int]) -> [Int] { zip(chunk, counts).map { $0 / $1 } }

  /// The packed bytes of a chunk; nil where it was never written.
  ///
  /// - Parameters:
  ///   - path: the file of its shard.
  ///   - limit: most bytes that a chunk may have.
  /// - Throws: `data` where index or chunk do not lie within the file.
  func piece(of chunk: [Int], path: String, limit: Int) throws(VoxelithError) -> [UInt8]? {
    guard let file = try InputFile.ifPresent(path) else { return nil }
    let index = try index(of: file)
    let number = zip(chunk, counts).reduce(0) { $0 * $1.1 + $1.0 % $1.1 }
    let (offset, length) = (index[2 * number], index[2 * number + 1])
    if offset == .max, length == .max { return nil }
    guard let offset = Int(exactly: offset), let length = Int(exactly: length), offset <= file.size,
      length <= file.size - offset, length <= limit
    else {
      throw VoxelithError(
        .data, "chunk \(number) of the shard lies beyond the end of the file or is too long", file: path)
    }
    return try file.bytes(at: offset, count: length)
  }

  /// Whether a shard has a chunk.
  func isStored(_ chunk: [Int], path: String) throws(VoxelithError) -> Bool {
    if indices.withLock({ $0.absent == path }) { return false }
    guard let file = try InputFile.ifPresent(path) else {
      indices.withLock { $0.absent = path }
      return false
    }
    let index = try index(of: file)
    let number = zip(chunk, counts).reduce(0) { $0 * $1.1 + $1.0 % $1.1 }
    return index[2 * number] != .max || index[2 * number + 1] != .max
  }

  private func index(of file: InputFile) throws(VoxelithError) -> [UInt64] {
    if let known = indices.withLock({ $0.known[file.path] }) { return known }
    let size = 16 * total + (hasChecksum ? 4 : 0)
    guard size <= file.size else {
      throw VoxelithError(
        .data, "the shard has \(file.size) bytes where its index alone has \(size)", file: file.path)
    }
    let bytes = try file.bytes(at: isIndexAtEnd ? file.size - size : 0, count: size)
    let index = unsafe bytes.withUnsafeBytes { raw -> [UInt64]? in
      if hasChecksum {
        let stored = unsafe raw.loadUnaligned(fromByteOffset: size - 4, as: UInt32.self).littleEndian
        guard unsafe Checksums.crc32c(UnsafeRawBufferPointer(rebasing: raw[..<(size - 4)])) == stored else {
          return nil
        }
      }
      return (0..<(2 * total)).map {
        unsafe raw.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self).littleEndian
      }
    }
    guard let index else {
      throw VoxelithError(
        .data, "the index of the shard is damaged: its checksum does not agree", file: file.path)
    }
    indices.withLock { indices in
      while !indices.order.isEmpty, (indices.known.count + 1) * 2 * total > Self.most {
        indices.known[indices.order.removeFirst()] = nil
      }
      if indices.known.updateValue(index, forKey: file.path) == nil { indices.order.append(file.path) }
    }
    return index
  }
}
