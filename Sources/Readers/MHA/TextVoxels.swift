import Volumetry

/// Voxels that a file holds as text: numbers, or the digits of their bytes.
enum TextVoxels {
  /// Bytes of text that are turned into values at once.
  private static let piece = 1 << 20

  /// Adds the values of the text to a file that is being written, in the order of bytes of this machine.
  ///
  /// - Parameters:
  ///   - offset: first byte of the text.
  ///   - count: bytes that the values make.
  /// - Throws: `data` where a word is no number of the type, or their number is not that of the voxels.
  static func unpack(
    _ file: InputFile, from offset: Int, count: Int, _ header: ImageHeader, into output: OutputFile
  ) throws(VoxelithError) {
    let length = file.size - offset
    guard length >= 0, count / 8 <= length else {
      throw VoxelithError(
        .data, "a text of \(length) bytes cannot hold \(count) bytes of voxels", file: file.path)
    }
    var position = offset
    var produced = 0
    var rest: [UInt8] = []
    while position < file.size {
      rest += try file.bytes(at: position, count: piece)
      position = min(file.size, position + piece)
      let bytes: [UInt8]
      if header.packing == .hex {
        rest.removeAll { isBlank($0) }
        let whole = rest.count & ~1
        bytes = try digits(rest[..<whole], file: file.path)
        rest.removeFirst(whole)
      } else {
        // The last word may go on in the next piece.
        let end = position == file.size ? rest.count : (rest.lastIndex { isBlank($0) || $0 == 44 } ?? 0)
        guard rest.count - end < piece else {
          throw VoxelithError(.data, "a word of the text is not a number", file: file.path)
        }
        bytes = try numbers(rest[..<end], header.type, file: file.path)
        rest.removeFirst(end)
      }
      produced += bytes.count
      guard produced <= count else { break }
      unsafe try VoxelBuffer.uint8(bytes).withBytes { (raw) throws(VoxelithError) in
        unsafe try output.append(raw)
      }
    }
    guard produced == count else {
      throw VoxelithError(
        .data,
        "the text holds \(produced > count ? "more than " : "")\(min(produced, count) / header.type.size) values, the header gives \(count / header.type.size)",
        file: file.path)
    }
  }

  private static func digits(_ text: ArraySlice<UInt8>, file: String) throws(VoxelithError) -> [UInt8] {
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in text {
      guard let digit = Character(Unicode.Scalar(character)).hexDigitValue else {
        throw VoxelithError(.data, "a byte of the voxels is not a hexadecimal digit", file: file)
      }
      if let first = high {
        bytes.append(first << 4 | UInt8(digit))
        high = nil
      } else {
        high = UInt8(digit)
      }
    }
    return bytes
  }

  private static func numbers(
    _ text: ArraySlice<UInt8>, _ type: VoxelType, file: String
  ) throws(VoxelithError) -> [UInt8] {
    var bytes: [UInt8] = []
    for word in text.split(whereSeparator: { isBlank($0) || $0 == 44 }) {
      let shown = String(decoding: word, as: UTF8.self)
      guard let value = encoded(shown, type) else {
        throw VoxelithError(
          .data, "'\(shown.prefix(20))' is not a value of the type \(type.rawValue)", file: file)
      }
      bytes += value
    }
    return bytes
  }

  private static func encoded(_ word: String, _ type: VoxelType) -> [UInt8]? {
    func bytes<Value>(_ value: Value?) -> [UInt8]? {
      value.map { value in unsafe withUnsafeBytes(of: value) { unsafe Array($0) } }
    }
    return switch type {
    case .uint8: bytes(UInt8(word))
    case .int8: bytes(Int8(word))
    case .uint16: bytes(UInt16(word))
    case .int16: bytes(Int16(word))
    case .uint32: bytes(UInt32(word))
    case .int32: bytes(Int32(word))
    case .uint64: bytes(UInt64(word))
    case .int64: bytes(Int64(word))
    case .float32: bytes(Float(word))
    case .float64: bytes(Double(word))
    case .float16: nil
    }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
}
