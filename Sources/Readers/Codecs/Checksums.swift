/// Checksums that stand beside chunks.
enum Checksums {
  /// The checksum of HDF5's filter 3 (Fletcher's of 32 bits over words with the high byte first; `H5checksum.c`).
  static func fletcher32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var (first, second): (UInt32, UInt32) = (0, 0)
    var place = 0
    var words = bytes.count / 2
    while words > 0 {
      // So many sums of 16 bits fit 32 before they must be folded.
      let piece = min(words, 360)
      words -= piece
      for _ in 0..<piece {
        first &+= unsafe UInt32(bytes[place]) << 8 | UInt32(bytes[place + 1])
        second &+= first
        place += 2
      }
      first = (first & 0xFFFF) + (first >> 16)
      second = (second & 0xFFFF) + (second >> 16)
    }
    if !bytes.count.isMultiple(of: 2) {
      first &+= unsafe UInt32(bytes[place]) << 8
      second &+= first
      first = (first & 0xFFFF) + (first >> 16)
      second = (second & 0xFFFF) + (second >> 16)
    }
    first = (first & 0xFFFF) + (first >> 16)
    second = (second & 0xFFFF) + (second >> 16)
    return second << 16 | first
  }

  /// Castagnoli's cyclic redundancy check of 32 bits (RFC 3720, B.4), which Zarr's codec `crc32c` appends.
  static func crc32c(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var value = ~UInt32(0)
    for index in bytes.indices {
      value = unsafe table[Int((value ^ UInt32(bytes[index])) & 0xFF)] ^ (value >> 8)
    }
    return ~value
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
  }
}
