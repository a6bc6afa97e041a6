import Foundation
import Volumetry

/// Where the arrays of a HEXITEC `.hxt` file lie.
///
/// The file opens with `HEXITECH` and a 64-bit version. Version 1 goes on with the dimensions;
/// versions 2 and 3 have nine motor positions, a file prefix and a time stamp before them. Some
/// writers leave motors out, so an offset is believed only where its dimensions are plausible and
/// account for the size of the file to the byte.
struct HxtHeader: Sendable, Hashable {
  let rows: Int
  let columns: Int
  let bins: Int
  /// First byte of the bin starts, which the counts follow.
  let offset: Int

  static let signature = Array("HEXITECH".utf8)
  /// Bytes that hold every known header.
  static let length = 4096

  var countsOffset: Int { offset + 8 * bins }

  /// - Parameters:
  ///   - head: the first ``length`` bytes of the file, or all of it.
  ///   - size: bytes of the file.
  /// - Throws: `data` where no known header fits, naming what the version's own header says.
  init(head: [UInt8], size: Int, file: String) throws(VoxelithError) {
    guard head.count >= 28, head.starts(with: Self.signature) else {
      throw VoxelithError(.data, "the .hxt file ends within its header", file: file)
    }
    let version = Self.integer(head, at: 8)
    let candidates = Self.offsets(head, version: version)
    for offset in candidates {
      if let header = Self.dimensions(head, before: offset), header.bytes == size {
        (rows, columns, bins) = (header.rows, header.columns, header.bins)
        self.offset = offset
        return
      }
    }
    if let standard = candidates.lazy.compactMap({ Self.dimensions(head, before: $0) }).first {
      throw VoxelithError(
        .data,
        "\(standard.rows)x\(standard.columns) pixels of \(standard.bins) bins take \(standard.bytes) bytes, but the file has \(size)",
        file: file, advice: "the file is truncated or damaged")
    }
    throw VoxelithError(
      .data, "the header of this .hxt file (version \(version)) has no plausible dimensions", file: file)
  }

  /// Offsets of the data that writers use, the version's own first.
  private static func offsets(_ head: [UInt8], version: Int) -> [Int] {
    // The length of the prefix lies behind the motors: nine, one or none of them.
    let second = [(52, 81), (20, 49), (16, 45)].compactMap { place, end -> Int? in
      guard head.count >= place + 4 else { return nil }
      let prefix = integer(head, at: place, size: 4)
      return (0...3000).contains(prefix) ? end + prefix : nil
    }
    let third = [184, 152, 148]
    return switch version {
    case 1: [28] + third + second
    case 2: second + third + [28]
    default: third + second + [28]
    }
  }

  private static func dimensions(
    _ head: [UInt8], before offset: Int
  ) -> (rows: Int, columns: Int, bins: Int, bytes: Int)? {
    guard offset <= head.count else { return nil }
    let rows = integer(head, at: offset - 12, size: 4)
    let columns = integer(head, at: offset - 8, size: 4)
    let bins = integer(head, at: offset - 4, size: 4)
    guard (1...65_536).contains(rows), (1...65_536).contains(columns), (2...1_048_576).contains(bins)
    else { return nil }
    return (rows, columns, bins, offset + 8 * bins * (1 + rows * columns))
  }

  /// An unsigned little-endian integer; -1 where it does not fit.
  private static func integer(_ bytes: [UInt8], at offset: Int, size: Int = 8) -> Int {
    var value: UInt64 = 0
    for index in 0..<size { value |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
    return Int(exactly: value) ?? -1
  }
}
