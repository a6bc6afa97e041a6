/// HDF5's filter LZ4 (number 32004): the whole length, the length of a block, and then block by block, all with the high
/// byte first (format: HDFGroup/hdf5_plugins, `H5Zlz4.c`). A block as long as it would be unpacked is not packed.
enum BlockedLZ4 {
  /// - Returns: bytes written, or nil where the stream is damaged or does not fit.
  static func unpack(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int? {
    guard source.count >= 12 else { return nil }
    let claimed = unsafe source.loadUnaligned(as: UInt64.self).bigEndian
    let block = unsafe Int(source.loadUnaligned(fromByteOffset: 8, as: UInt32.self).bigEndian)
    guard claimed <= UInt64(target.count), block > 0 else { return nil }
    let size = Int(claimed)
    var (read, write) = (12, 0)
    while write < size {
      guard source.count - read >= 4 else { return nil }
      let packed = unsafe Int(source.loadUnaligned(fromByteOffset: read, as: UInt32.self).bigEndian)
      let plain = min(block, size - write)
      read += 4
      guard packed <= source.count - read else { return nil }
      let stream = unsafe UnsafeRawBufferPointer(rebasing: source[read..<(read + packed)])
      let room = unsafe UnsafeMutableRawBufferPointer(rebasing: target[write..<(write + plain)])
      if packed == plain {
        unsafe room.copyMemory(from: stream)
      } else {
        guard unsafe LZ4Block.unpack(stream, into: room) == plain else { return nil }
      }
      read += packed
      write += plain
    }
    return write
  }
}
