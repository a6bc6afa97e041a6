import Foundation
import Volumetry

/// Unpacks the values of a VTK image that stand within its XML, as numbers or as base64.
struct VTIValues {
  let file: InputFile
  /// The file as far as it was read for the XML.
  let head: [UInt8]
  let header: VTIHeader
  let array: VTIHeader.DataArray

  /// - Throws: `data` where there are fewer or more values than `count`.
  func read(_ count: Int) throws(VoxelithError) -> VoxelBuffer {
    let size = count * array.type.size
    switch array.format {
    case "ascii": return try text(count)
    case "binary":
      let bytes = head[array.text].filter { $0 > 0x20 }
      return try values(try unpacked(base64: bytes[...], size))
    case "appended": throw damaged("they are not there")
    default: throw damaged("their form '\(array.format.prefix(20))' is not known")
    }
  }

  private func damaged(_ what: String) -> VoxelithError {
    VoxelithError(
      .data, "the values of the VTK image are damaged: \(what)", file: file.path, place: array.name)
  }

  private func text(_ count: Int) throws(VoxelithError) -> VoxelBuffer {
    let fields = head[array.text].split(whereSeparator: { $0 <= 0x20 })
    guard fields.count == count else { throw damaged("\(fields.count) where \(count) are needed") }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count * array.type.size)
    for field in fields {
      guard let value = Double(String(decoding: field, as: UTF8.self)), let raw = array.type.bytes(of: value)
      else {
        throw damaged(
          "'\(String(decoding: field.prefix(20), as: UTF8.self))' is none of \(array.type.rawValue)")
      }
      bytes += raw
    }
    return try values(bytes, swaps: false)
  }

  private func word(_ bytes: ArraySlice<UInt8>, _ number: Int) -> Int {
    let start = bytes.startIndex + number * header.wordSize
    guard start + header.wordSize <= bytes.endIndex else { return -1 }
    let value = (0..<header.wordSize).reduce(UInt64(0)) { sum, index in
      sum | UInt64(bytes[start + (header.isBigEndian ? header.wordSize - 1 - index : index)])
        << UInt64(8 * index)
    }
    return Int(exactly: value) ?? -1
  }

  /// Text of four signs for three bytes; the numbers before packed values are coded by themselves.
  private func unpacked(base64 bytes: ArraySlice<UInt8>, _ size: Int) throws(VoxelithError) -> [UInt8] {
    func decode(_ count: Int, from start: Int) throws(VoxelithError) -> [UInt8] {
      let signs = (count + 2) / 3 * 4
      guard start + signs <= bytes.endIndex,
        let data = Data(base64Encoded: Data(bytes[start..<(start + signs)])), data.count >= count
      else { throw damaged("they are not base64 of the length stated") }
      return [UInt8](data.prefix(count))
    }
    let word = header.wordSize
    guard header.isCompressed else {
      return Array(try decode(word + size, from: bytes.startIndex).dropFirst(word))
    }
    let blocks = self.word(try decode(3 * word, from: bytes.startIndex)[...], 0)
    guard blocks >= 0, blocks <= 1 << 24 else { throw damaged("\(blocks) blocks") }
    let length = (3 + blocks) * word
    let sizes = try decode(length, from: bytes.startIndex)
    let total = (0..<blocks).reduce(0) { $0 + max(0, min(self.word(sizes[...], 3 + $1), 1 << 40)) }
    let packed = try decode(min(total, 4 * size + (1 << 20)), from: bytes.startIndex + (length + 2) / 3 * 4)
    return try inflated(sizes[...], packed[...], size)
  }

  /// Numbers of blocks, bytes of a block, bytes of the last one (0: as the others), then the packed bytes of each.
  private func inflated(
    _ sizes: ArraySlice<UInt8>, _ packed: ArraySlice<UInt8>, _ size: Int
  ) throws(VoxelithError) -> [UInt8] {
    let (blocks, block, last) = (word(sizes, 0), word(sizes, 1), word(sizes, 2))
    let whole =
      blocks == 0
      ? 0
      : (blocks - 1).multipliedReportingOverflow(by: max(0, block)).partialValue + (last > 0 ? last : block)
    guard block > 0, last >= 0, last <= block, whole == size else {
      throw damaged("blocks of \(whole) bytes where \(size) are needed")
    }
    var result = [UInt8](repeating: 0, count: size)
    let inflater = Inflater()
    var read = packed.startIndex
    for index in 0..<blocks {
      let length = word(sizes, 3 + index)
      let plain = index == blocks - 1 && last > 0 ? last : block
      guard length >= 0, length <= packed.endIndex - read else { throw damaged("block \(index) is cut off") }
      let isWhole = unsafe packed[read..<(read + length)].withUnsafeBytes { source in
        unsafe result.withUnsafeMutableBytes { target in
          unsafe inflater.unpack(
            source, into: .init(rebasing: target[(index * block)..<(index * block + plain)]))
        }
      }
      guard isWhole else { throw damaged("block \(index) does not unpack") }
      read += length
    }
    return result
  }

  private func values(_ bytes: [UInt8], swaps: Bool = true) throws(VoxelithError) -> VoxelBuffer {
    try VoxelBuffer.filled(array.type, count: bytes.count / array.type.size) {
      (target) throws(VoxelithError) in
      unsafe try target.withPiece(0..<target.count) { (room) throws(VoxelithError) in
        unsafe bytes.withUnsafeBytes { unsafe room.copyMemory(from: $0) }
        if swaps, header.isBigEndian, array.type.size > 1 {
          unsafe ByteOrder.swap(room, elementSize: array.type.size)
        }
      }
    }
  }
}
