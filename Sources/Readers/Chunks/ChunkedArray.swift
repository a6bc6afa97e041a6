import Volumetry

/// An array whose chunks are unpacked one by one, on any thread.
protocol ChunkedArray: Sendable {
  var layout: ChunkLayout { get }
  /// Bytes of one element of chunks that were never written, in the order of this machine.
  var fill: [UInt8] { get }
  /// What the cache knows the array by.
  var owner: ChunkOwner { get }
  /// Bytes that unpacking a chunk needs beside the chunk itself.
  var workingBytes: Int { get }
  /// What messages name.
  var file: String { get }
  var path: String? { get }

  /// Unpacks the chunk at `place` into `target`, whose length is that of a chunk, in the byte order of this machine.
  ///
  /// - Returns: false where the chunk was never written; `target` is then left as it is.
  /// - Throws: `data` where the chunk is damaged or does not unpack to exactly that length.
  func load(_ place: [Int], into target: UnsafeMutableRawBufferPointer) throws(VoxelithError) -> Bool
}

/// Stands for one open array in the cache; its chunks leave the cache when it goes.
final class ChunkOwner: Sendable {
  deinit { ChunkCache.shared.forget(ObjectIdentifier(self)) }
}
