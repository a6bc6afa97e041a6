import CZstd

/// The filter Bitshuffle (HDF5's number 32008), which sorts the bits of numbers by their significance in blocks and packs
/// each block (format: kiyo-masui/bitshuffle, `bitshuffle.c` and `bshuf_h5filter.c`).
struct Bitshuffle: Sendable, Equatable {
  enum Packing: Sendable { case none, lz4, zstd }

  var elementSize: Int
  /// Elements of a block, a multiple of 8, where the stream does not say it itself.
  var blockElements: Int
  var packing: Packing

  /// Elements of a block where the writer named none.
  static func defaultBlock(elementSize: Int) -> Int { max(128, 8192 / elementSize / 8 * 8) }

  /// - Returns: bytes written, or nil where the stream is damaged or does not fit.
  func unpack(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int? {
    guard elementSize > 0, elementSize <= 1024 else { return nil }
    var (read, write) = (0, 0)
    var (size, block) = (source.count, blockElements)
    if packing != .none {
      guard source.count >= 12 else { return nil }
      let claimed = unsafe source.loadUnaligned(as: UInt64.self).bigEndian
      guard claimed <= UInt64(target.count) else { return nil }
      size = Int(claimed)
      block = unsafe Int(source.loadUnaligned(fromByteOffset: 8, as: UInt32.self).bigEndian) / elementSize
      read = 12
    }
    if block == 0 { block = Self.defaultBlock(elementSize: elementSize) }
    let elements = size / elementSize
    guard size <= target.count, size.isMultiple(of: elementSize), block > 0, block.isMultiple(of: 8) else {
      return nil
    }
    let most = min(block, elements / 8 * 8) * elementSize
    var scratch = [UInt8](repeating: 0, count: packing == .none ? 0 : most)
    var left = elements
    while left >= 8 {
      let count = left >= block ? block : left / 8 * 8
      let bytes = count * elementSize
      let piece = unsafe UnsafeMutableRawBufferPointer(rebasing: target[write..<(write + bytes)])
      if packing == .none {
        guard bytes <= source.count - read else { return nil }
        unsafe untranspose(
          UnsafeRawBufferPointer(rebasing: source[read..<(read + bytes)]), into: piece, count)
        read += bytes
      } else {
        guard source.count - read >= 4 else { return nil }
        let packed = unsafe Int(source.loadUnaligned(fromByteOffset: read, as: UInt32.self).bigEndian)
        read += 4
        guard packed <= source.count - read else { return nil }
        let stream = unsafe UnsafeRawBufferPointer(rebasing: source[read..<(read + packed)])
        let isWhole = unsafe scratch.withUnsafeMutableBytes { buffer in
          let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<bytes])
          return
            unsafe (packing == .lz4
            ? LZ4Block.unpack(stream, into: room) : ZstandardFrame.unpack(stream, into: room)) == bytes
        }
        guard isWhole else { return nil }
        unsafe scratch.withUnsafeBytes { buffer in
          unsafe untranspose(UnsafeRawBufferPointer(rebasing: buffer[..<bytes]), into: piece, count)
        }
        read += packed
      }
      write += bytes
      left -= count
    }
    // Fewer than eight elements at the end lie as they are.
    let rest = left * elementSize
    guard source.count - read >= rest else { return nil }
    unsafe UnsafeMutableRawBufferPointer(rebasing: target[write..<(write + rest)]).copyMemory(
      from: UnsafeRawBufferPointer(rebasing: source[read..<(read + rest)]))
    return write + rest
  }

  /// Turns planes of bits into elements: bit `j` of byte `i` of plane `8 b + k` is bit `k` of byte `b` of element `8 i + j`.
  private func untranspose(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, _ count: Int
  ) {
    let plane = count / 8
    for byte in 0..<elementSize {
      let first = byte * 8 * plane
      for index in 0..<plane {
        var bits: UInt64 = 0
        for k in 0..<8 { bits |= unsafe UInt64(source[first + k * plane + index]) << UInt64(8 * k) }
        // An 8 x 8 matrix of bits is turned by three exchanges (Warren, Hacker's Delight, 7-3).
        var swap = (bits ^ (bits >> 7)) & 0x00AA_00AA_00AA_00AA
        bits ^= swap ^ (swap << 7)
        swap = (bits ^ (bits >> 14)) & 0x0000_CCCC_0000_CCCC
        bits ^= swap ^ (swap << 14)
        swap = (bits ^ (bits >> 28)) & 0x0000_0000_F0F0_F0F0
        bits ^= swap ^ (swap << 28)
        let place = 8 * index * elementSize + byte
        for j in 0..<8 {
          unsafe target[place + j * elementSize] = UInt8(truncatingIfNeeded: bits >> UInt64(8 * j))
        }
      }
    }
  }
}
