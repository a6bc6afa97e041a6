import Volumetry

/// Values of a directory as the file has them, where libtiff's answer will not do: it rounds fractions
/// to single precision, though a voxel size should come back as it was written, and it hides tags that
/// do not belong to the codec.
struct TIFFRawTags {
  /// The first value of each tag that was asked for, where it is a whole number.
  private(set) var shorts: [Int: Int] = [:]
  /// The inverse of the first value of each tag that was asked for, where it is a positive fraction.
  private(set) var inverses: [Int: Double] = [:]

  /// - Parameter place: first byte of the directory.
  init(_ file: InputFile, directory place: Int, isBigEndian: Bool, tags: Set<Int>) throws(VoxelithError) {
    let header = try file.bytes(at: 0, count: 4)
    let isBig = header.count == 4 && header[isBigEndian ? 3 : 2] == 43
    let reader = Reader(isBigEndian: isBigEndian)
    let countSize = isBig ? 8 : 2
    let entrySize = isBig ? 20 : 12
    let count = min(reader.number(try file.bytes(at: place, count: countSize)[...]), 4096)
    let entries = try file.bytes(at: place + countSize, count: count * entrySize)
    for start in stride(from: 0, to: entries.count - entrySize + 1, by: entrySize) {
      let tag = reader.number(entries[start..<(start + 2)])
      let type = reader.number(entries[(start + 2)..<(start + 4)])
      guard tags.contains(tag) else { continue }
      let field = entries[(start + (isBig ? 12 : 8))..<(start + entrySize)]
      if type == 4 || type == 16 {
        shorts[tag] = reader.number(field.prefix(type == 4 ? 4 : 8))
      } else if type == 3 {
        shorts[tag] = reader.number(field.prefix(2))
      } else if type == 5 {
        let bytes = isBig ? Array(field) : try file.bytes(at: reader.number(field), count: 8)
        guard bytes.count == 8 else { continue }
        let (numerator, denominator) = (reader.number(bytes[..<4]), reader.number(bytes[4...]))
        if numerator > 0, denominator > 0 { inverses[tag] = Double(denominator) / Double(numerator) }
      }
    }
  }

  /// Whether a directory lies whole within the file. libtiff takes one whose last bytes are cut off for
  /// the last of the chain.
  static func isWhole(
    _ file: InputFile, directory place: Int, isBigEndian: Bool
  ) throws(VoxelithError) -> Bool {
    let header = try file.bytes(at: 0, count: 4)
    let isBig = header.count == 4 && header[isBigEndian ? 3 : 2] == 43
    let count = Reader(isBigEndian: isBigEndian).number(try file.bytes(at: place, count: isBig ? 8 : 2)[...])
    let size = isBig ? 8 + 20 * min(count, 1 << 20) + 8 : 2 + 12 * count + 4
    return place + size <= file.size
  }

  private struct Reader {
    let isBigEndian: Bool

    func number(_ bytes: ArraySlice<UInt8>) -> Int {
      var value: UInt64 = 0
      for byte in isBigEndian ? Array(bytes) : bytes.reversed() { value = value << 8 | UInt64(byte) }
      return Int(clamping: value)
    }
  }
}
