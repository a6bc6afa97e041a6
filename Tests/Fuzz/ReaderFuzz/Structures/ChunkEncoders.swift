/// Packs bytes in the simplest way that each format allows, written from the formats and not from the readers.
enum ChunkEncoders {
  static func little(_ value: UInt64, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
  }

  static func big(_ value: UInt64, _ width: Int) -> [UInt8] { little(value, width).reversed() }

  /// Stored blocks of Deflate in a zlib stream (RFC 1950, 1951).
  static func zlib(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = [0x78, 0x01]
    var start = 0
    repeat {
      let count = min(65_535, bytes.count - start)
      let isLast = start + count == bytes.count
      result += [isLast ? 1 : 0] + little(UInt64(count), 2) + little(UInt64(65_535 - count), 2)
      result += bytes[start..<(start + count)]
      start += count
    } while start < bytes.count
    var (a, b) = (1, 0)
    for byte in bytes {
      a = (a + Int(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return result + big(UInt64(b << 16 | a), 4)
  }

  static func shuffle(_ bytes: [UInt8], size: Int) -> [UInt8] {
    let count = bytes.count / size
    guard count > 1 else { return bytes }
    var result = bytes
    for index in 0..<count {
      for byte in 0..<size { result[byte * count + index] = bytes[index * size + byte] }
    }
    return result
  }

  /// Fletcher's checksum of words of 16 bits, as sums modulo 65535 that are 0 only for nothing but zeros.
  static func fletcher32(_ bytes: [UInt8]) -> [UInt8] {
    var words = stride(from: 0, to: bytes.count - 1, by: 2).map {
      UInt64(bytes[$0]) << 8 | UInt64(bytes[$0 + 1])
    }
    if !bytes.count.isMultiple(of: 2), let last = bytes.last { words.append(UInt64(last) << 8) }
    var (first, second): (UInt64, UInt64) = (0, 0)
    for (index, word) in words.enumerated() {
      first += word
      second = (second + word * UInt64(words.count - index)) % (65_535 << 20)
    }
    func folded(_ sum: UInt64) -> UInt64 { sum == 0 ? 0 : (sum % 65_535 == 0 ? 65_535 : sum % 65_535) }
    return bytes + little(folded(second) << 16 | folded(first), 4)
  }

  /// A block of nothing but literals.
  static func lz4Block(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count >= 15 else { return [UInt8(bytes.count << 4)] + bytes }
    var result: [UInt8] = [0xF0]
    var rest = bytes.count - 15
    while rest >= 255 {
      result.append(255)
      rest -= 255
    }
    return result + [UInt8(rest)] + bytes
  }

  static func lz4(_ bytes: [UInt8], block: Int) -> [UInt8] {
    var result = big(UInt64(bytes.count), 8) + big(UInt64(block), 4)
    for start in stride(from: 0, to: bytes.count, by: block) {
      let piece = Array(bytes[start..<min(start + block, bytes.count)])
      // Every other block is stored as it is.
      let packed = start / block % 2 == 0 ? lz4Block(piece) : piece
      result += big(UInt64(packed.count), 4) + packed
    }
    return result
  }

  static func lzf(_ bytes: [UInt8]) -> [UInt8] {
    stride(from: 0, to: bytes.count, by: 32).flatMap { start -> [UInt8] in
      let piece = bytes[start..<min(start + 32, bytes.count)]
      return [UInt8(piece.count - 1)] + piece
    }
  }

  /// One frame of raw blocks with its length (RFC 8878).
  static func zstd(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0xA0] + little(UInt64(bytes.count), 4)
    var start = 0
    repeat {
      let count = min(65_536, bytes.count - start)
      let isLast = start + count == bytes.count
      result += little(UInt64(count << 3 | (isLast ? 1 : 0)), 3) + bytes[start..<(start + count)]
      start += count
    } while start < bytes.count
    return result
  }

  /// A buffer of Blosc that is only copied.
  static func blosc(_ bytes: [UInt8], size: Int) -> [UInt8] {
    [2, 1, 2, UInt8(size)] + little(UInt64(bytes.count), 4) + little(UInt64(max(1, bytes.count)), 4)
      + little(UInt64(bytes.count + 16), 4) + bytes
  }

  /// Bit by bit, from the definition: bit `j` of byte `i` of plane `8 b + k` is bit `k` of byte `b` of element `8 i + j`.
  static func bitshuffle(_ bytes: [UInt8], size: Int, block: Int, packsLZ4: Bool) -> [UInt8] {
    var result: [UInt8] = packsLZ4 ? big(UInt64(bytes.count), 8) + big(UInt64(block * size), 4) : []
    let elements = bytes.count / size
    var first = 0
    while elements - first >= 8 {
      let count = min(block, (elements - first) / 8 * 8)
      var planes = [UInt8](repeating: 0, count: count * size)
      for element in 0..<count {
        for byte in 0..<size {
          let value: UInt8 = bytes[(first + element) * size + byte]
          for bit in 0..<8 where (value >> UInt8(bit)) & 1 == 1 {
            let place: Int = (8 * byte + bit) * (count / 8) + element / 8
            planes[place] |= UInt8(1) << UInt8(element % 8)
          }
        }
      }
      let packed = packsLZ4 ? lz4Block(planes) : planes
      result += (packsLZ4 ? big(UInt64(packed.count), 4) : []) + packed
      first += count
    }
    return result + bytes[(first * size)...]
  }

  /// Castagnoli's checksum bit by bit.
  static func crc32c(_ bytes: [UInt8]) -> [UInt8] {
    var value = ~UInt32(0)
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
    }
    return bytes + little(UInt64(~value), 4)
  }
}
