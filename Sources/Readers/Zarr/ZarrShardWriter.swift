import Volumetry

/// Collects the packed chunks of shards and writes each when its last one has come.
final class ZarrShardWriter: Sendable {
  private let array: Shape
  private let chunk: Shape
  /// Chunks along each axis of a shard.
  private let counts: Shape
  private let path: @Sendable (Shape) -> String

  private let open = Guarded<[Shape: [Int: [UInt8]]]>([:])

  /// - Precondition: the sides of a shard are multiples of those of a chunk.
  init(array: Shape, chunk: Shape, shard: Shape, path: @escaping @Sendable (Shape) -> String) {
    self.array = array
    self.chunk = chunk
    counts = Shape(z: shard.z / chunk.z, y: shard.y / chunk.y, x: shard.x / chunk.x)
    self.path = path
  }

  /// Takes a packed chunk.
  func take(_ packed: [UInt8], at place: Shape) throws(VoxelithError) {
    let shard = Shape(z: place.z / counts.z, y: place.y / counts.y, x: place.x / counts.x)
    let inner = Shape(z: place.z % counts.z, y: place.y % counts.y, x: place.x % counts.x)
    let whole = open.withLock { open -> [Int: [UInt8]]? in
      open[shard, default: [:]][counts.index(z: inner.z, y: inner.y, x: inner.x)] = packed
      return open[shard]?.count == chunks(in: shard) ? open.removeValue(forKey: shard) : nil
    }
    if let whole { try OutputFile.write(file(of: whole), to: try prepared(shard), overwrite: false) }
  }

  /// Shards that wait for chunks.
  var unfinished: Int { open.withLock { $0.count } }

  private func prepared(_ shard: Shape) throws(VoxelithError) -> String {
    let path = path(shard)
    if let end = path.lastIndex(of: "/") { try OutputFile.prepareFolder(String(path[..<end])) }
    return path
  }

  /// Chunks of a shard that lie within the array.
  private func chunks(in shard: Shape) -> Int {
    Axis.allCases.reduce(1) { total, axis in
      let sides = (array[axis] - 1) / chunk[axis] + 1
      return total * min(counts[axis], sides - shard[axis] * counts[axis])
    }
  }

  /// Chunks in their order, then the places and lengths of all, then a checksum.
  private func file(of chunks: [Int: [UInt8]]) -> [UInt8] {
    var bytes: [UInt8] = []
    var index: [UInt8] = []
    func append(_ value: UInt64) {
      for byte in 0..<8 { index.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * byte))) }
    }
    for number in 0..<counts.count {
      guard let chunk = chunks[number] else {
        append(.max)
        append(.max)
        continue
      }
      append(UInt64(bytes.count))
      append(UInt64(chunk.count))
      bytes += chunk
    }
    let sum = unsafe index.withUnsafeBytes { unsafe Checksums.crc32c($0) }
    for byte in 0..<4 { index.append(UInt8(truncatingIfNeeded: sum >> UInt32(8 * byte))) }
    return bytes + index
  }
}
