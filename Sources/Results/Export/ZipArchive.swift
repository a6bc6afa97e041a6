/// A ZIP file whose entries are stored as they are: what NumPy calls NPZ (PKWARE APPNOTE 6.3).
struct ZipArchive {
  private var bytes: [UInt8] = []
  private var directory: [UInt8] = []
  private var count = 0

  /// - Precondition: the archive stays below 4 GB.
  mutating func add(_ name: String, _ content: [UInt8]) {
    let path = Array(name.utf8)
    let sum = Self.checksum(content)
    // Version 2.0, names in UTF-8, stored, 1 January 1980.
    let facts =
      little(20, 2) + little(0x800, 2) + little(0, 2) + little(0, 2) + little(0x21, 2)
      + little(Int(sum), 4) + little(content.count, 4) + little(content.count, 4) + little(path.count, 2)
      + little(0, 2)
    directory += little(0x0201_4B50, 4) + little(20, 2) + facts
    directory += little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4) + little(bytes.count, 4) + path
    bytes += little(0x0403_4B50, 4) + facts + path + content
    count += 1
  }

  func finished() -> [UInt8] {
    bytes + directory + little(0x0605_4B50, 4) + little(0, 4) + little(count, 2) + little(count, 2)
      + little(directory.count, 4) + little(bytes.count, 4) + little(0, 2)
  }

  private func little(_ value: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// CRC-32 of ISO 3309.
  static func checksum(_ content: [UInt8]) -> UInt32 {
    var sum: UInt32 = 0xFFFF_FFFF
    for byte in content { sum = table[Int((sum ^ UInt32(byte)) & 255)] ^ (sum >> 8) }
    return ~sum
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
  }
}
