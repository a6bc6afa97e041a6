import Volumetry

/// The header of a NumPy array file (NEP 1, versions 1, 2 and 3).
struct NPYHeader: Equatable {
  var type: VoxelType
  var isBigEndian: Bool
  var isFortranOrder: Bool
  var shape: [Int]
  /// First byte of the values.
  var dataOffset: Int

  /// - Throws: `data` where the header is damaged, or the values are of no type that a volume can have.
  init(_ file: InputFile) throws(VoxelithError) {
    func bad(_ what: String) -> VoxelithError { VoxelithError(.data, what, file: file.path) }
    let head = try file.bytes(at: 0, count: 12)
    guard head.count >= 10, (1...3).contains(head[6]) else {
      throw bad("the NPY header is of an unknown version or cut short")
    }
    let isShort = head[6] == 1
    guard isShort || head.count == 12 else { throw bad("the NPY header is cut short") }
    let length =
      isShort
      ? Int(head[8]) | Int(head[9]) << 8
      : Int(head[8]) | Int(head[9]) << 8 | Int(head[10]) << 16 | Int(head[11]) << 24
    let start = isShort ? 10 : 12
    guard length <= 1 << 20, start + length <= file.size else { throw bad("the NPY header is cut short") }
    let text = String(decoding: try file.bytes(at: start, count: length), as: UTF8.self)

    guard let descr = Self.value("descr", in: text), let order = Self.value("fortran_order", in: text),
      let sides = Self.value("shape", in: text)
    else { throw bad("the NPY header lacks descr, fortran_order or shape") }
    guard let quote = descr.first, quote == "'" || quote == "\"" else {
      throw bad("the NPY array holds records, not numbers")
    }
    let name = descr.dropFirst().prefix { $0 != quote }
    guard let type = Self.type(String(name.drop { "<>=|".contains($0) })) else {
      throw bad("NPY values of type '\(name)' are not supported")
    }
    guard sides.first == "(", let close = sides.firstIndex(of: ")") else {
      throw bad("the NPY shape cannot be read")
    }
    var shape: [Int] = []
    for part in sides[sides.index(after: sides.startIndex)..<close].split(separator: ",") {
      let digits = part.filter { !$0.isWhitespace && $0 != "L" }
      if digits.isEmpty { continue }
      guard let side = Int(digits), side >= 0 else { throw bad("the NPY shape cannot be read") }
      shape.append(side)
    }
    self.type = type
    self.isBigEndian = name.first == ">"
    self.isFortranOrder = order.hasPrefix("True")
    self.shape = shape
    self.dataOffset = start + length
  }

  /// The text of a version 1 header for an array of a shape, its length padded to 64 bytes.
  static func encoded(type: VoxelType, shape: [Int]) -> [UInt8] {
    let kind = type.isFloatingPoint ? "f" : type.rawValue.hasPrefix("u") ? "u" : "i"
    let sides = shape.map { "\($0)" }.joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text =
      "{'descr': '\(type.size == 1 ? "|" : "<")\(kind)\(type.size)', 'fortran_order': False, 'shape': (\(sides)), }"
    let total = (10 + text.utf8.count + 1 + 63) / 64 * 64
    text += String(repeating: " ", count: total - 11 - text.utf8.count) + "\n"
    let length = total - 10
    return [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, UInt8(length & 0xFF), UInt8(length >> 8)]
      + Array(text.utf8)
  }

  /// The element type that NumPy calls `name`, without its byte order; nil for one that holds no real numbers.
  static func type(_ name: some StringProtocol) -> VoxelType? {
    switch String(name) {
    case "u1", "b1", "?": .uint8
    case "u2": .uint16
    case "u4": .uint32
    case "u8": .uint64
    case "i1": .int8
    case "i2": .int16
    case "i4": .int32
    case "i8": .int64
    case "f2": .float16
    case "f4": .float32
    case "f8": .float64
    default: nil
    }
  }

  /// What follows a key of the dictionary.
  private static func value(_ key: String, in text: String) -> Substring? {
    for quote in ["'", "\""] {
      guard let range = text.firstRange(of: "\(quote)\(key)\(quote)") else { continue }
      let rest = text[range.upperBound...].drop { $0.isWhitespace }
      guard rest.first == ":" else { return nil }
      return rest.dropFirst().drop { $0.isWhitespace }
    }
    return nil
  }
}
