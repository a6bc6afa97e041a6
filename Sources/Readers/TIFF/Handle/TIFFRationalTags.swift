import Volumetry

/// Reads the resolution of a page from the file itself, since libtiff rounds fractions to single
/// precision and a voxel size should come back as it was written.
struct TIFFRationalTags {
  private(set) var values: [Int: Double] = [:]

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
      guard tags.contains(tag), type == 5 else { continue }
      var bytes = Array(entries[(start + (isBig ? 12 : 8))..<(start + entrySize)])
      if !isBig { bytes = try file.bytes(at: reader.number(bytes[...]), count: 8) }
      guard bytes.count == 8 else { continue }
      let denominator = reader.number(bytes[4...])
      if denominator != 0 { values[tag] = Double(reader.number(bytes[..<4])) / Double(denominator) }
    }
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
