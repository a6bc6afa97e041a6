import Foundation
import Volumetry

/// Unpacks the appended values of a VTK image that are packed by zlib or base64, block by block, to a file without a name.
struct VTIStream {
  let file: InputFile
  let header: VTIHeader
  let array: VTIHeader.DataArray
  /// First byte of the array's values, with the numbers before them.
  private let start: Int
  private let isBase64: Bool

  /// Nil where the values are not appended ones.
  init?(_ file: InputFile, _ header: VTIHeader, _ array: VTIHeader.DataArray) {
    guard array.format == "appended", let appended = header.appended, array.offset >= 0,
      array.offset < file.size
    else { return nil }
    self.file = file
    self.header = header
    self.array = array
    start = appended.place + array.offset
    isBase64 = appended.isBase64
  }

  /// - Parameter size: bytes of all values.
  /// - Throws: `data` where they are damaged or not that many; `io` where the disk is full.
  func unpack(_ size: Int) throws(VoxelithError) -> InputFile {
    try SpoolFile.make { (output) throws(VoxelithError) in
      if header.isCompressed {
        try inflate(size, into: output)
      } else {
        try copy(size, into: output)
      }
    }
  }

  private func damaged(_ what: String) -> VoxelithError {
    VoxelithError(
      .data, "the values of the VTK image are damaged: \(what)", file: file.path, place: array.name)
  }

  /// Values of base64 alone, behind one number.
  private func copy(_ size: Int, into output: OutputFile) throws(VoxelithError) {
    var done = 0
    while done < size {
      let count = min(size - done, 3 << 20)
      try append(try bytes(header.wordSize + done, count, of: start), to: output)
      done += count
    }
  }

  private func inflate(_ size: Int, into output: OutputFile) throws(VoxelithError) {
    let word = header.wordSize
    let blocks = number(try bytes(0, 3 * word, of: start), 0)
    guard blocks >= 0, blocks <= 1 << 24, blocks <= file.size else { throw damaged("\(blocks) blocks") }
    let length = (3 + blocks) * word
    let table = try bytes(0, length, of: start)
    let (block, last) = (number(table, 1), number(table, 2))
    let whole =
      blocks == 0
      ? 0
      : (blocks - 1).multipliedReportingOverflow(by: max(0, block)).partialValue + (last > 0 ? last : block)
    guard block > 0, last >= 0, last <= block, whole == size else {
      throw damaged("blocks of \(whole) bytes where \(size) are needed")
    }
    let data = start + (isBase64 ? (length + 2) / 3 * 4 : length)
    let inflater = Inflater()
    var place = 0
    for index in 0..<blocks {
      let packed = number(table, 3 + index)
      let plain = index == blocks - 1 && last > 0 ? last : block
      // Deflate packs 1032 to 1 at best.
      guard packed >= 0, packed <= file.size - place, plain / 1100 <= packed else {
        throw damaged("block \(index) is cut off")
      }
      if !isBase64, plain > 16 << 20 {
        try InflateStream.unpack(file, from: data + place, count: plain, into: output)
      } else {
        try ReadingMemory.withBytes(packed + plain, file: file.path, place: array.name) {
          () throws(VoxelithError) in
          let source = try bytes(place, packed, of: data)
          var target = [UInt8](repeating: 0, count: plain)
          let isWhole = unsafe source.withUnsafeBytes { source in
            unsafe target.withUnsafeMutableBytes { unsafe inflater.unpack(source, into: $0) }
          }
          guard isWhole else { throw damaged("block \(index) does not unpack") }
          try append(target, to: output)
        }
      }
      place += packed
    }
  }

  private func append(_ bytes: [UInt8], to output: OutputFile) throws(VoxelithError) {
    unsafe try VoxelBuffer.uint8(bytes).withBytes { (raw) throws(VoxelithError) in
      unsafe try output.append(raw)
    }
  }

  /// Bytes of a part of the file, which four signs hold for three where it is base64.
  private func bytes(_ from: Int, _ count: Int, of part: Int) throws(VoxelithError) -> [UInt8] {
    guard isBase64 else {
      let found = try file.bytes(at: part + from, count: count)
      guard found.count == count else { throw damaged("they are cut off") }
      return found
    }
    let (first, last) = (from / 3, (from + count + 2) / 3)
    let signs = try file.bytes(at: part + 4 * first, count: 4 * (last - first))
    guard let data = Data(base64Encoded: Data(signs)), data.count >= from - 3 * first + count else {
      throw damaged("they are not base64 of the length stated")
    }
    return [UInt8](data.dropFirst(from - 3 * first).prefix(count))
  }

  /// A number that stands before the values; -1 where it is beyond measure.
  private func number(_ bytes: [UInt8], _ index: Int) -> Int {
    let size = header.wordSize
    let value = (0..<size).reduce(UInt64(0)) { sum, byte in
      sum | UInt64(bytes[index * size + (header.isBigEndian ? size - 1 - byte : byte)]) << UInt64(8 * byte)
    }
    return Int(exactly: value) ?? -1
  }
}
