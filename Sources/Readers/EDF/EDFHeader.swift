import Volumetry

/// One image of an ESRF data format file: a text of `key = value ;` between braces, then the values (ESRF, "EDF file format").
struct EDFHeader {
  var shape: Shape
  var type: VoxelType
  var isBigEndian: Bool
  /// First byte of the values, and the byte behind them.
  var dataOffset: Int
  var end: Int
  /// Size of a pixel in micrometres along x and y, where the header says it.
  var pixel: (x: Double, y: Double)?

  /// Bytes that a header may have.
  static let most = 1 << 20

  static func isEDF(_ head: [UInt8]) -> Bool {
    let text = String(decoding: head.prefix(512), as: UTF8.self)
    guard text.first == "{" || text.hasPrefix("\n{") else { return false }
    let lower = text.lowercased()
    return lower.contains("headerid") || lower.contains("dim_1") || lower.contains("edf_datablockid")
      || lower.contains("byteorder")
  }

  /// Reads the header at a place of the file.
  ///
  /// - Throws: `data` where it is damaged or of a kind that is not read.
  init(_ file: InputFile, at start: Int) throws(VoxelithError) {
    let bytes = try file.bytes(at: start, count: Self.most)
    guard let close = Self.end(of: bytes) else {
      throw VoxelithError(.data, "the header of the EDF image at byte \(start) has no end", file: file.path)
    }
    let keys = Self.keys(FileText.decode(bytes[..<close]))
    func number(_ key: String) -> Int? { keys[key].flatMap { Int($0) } }
    var sides: [Int] = []
    while let side = number("dim_\(sides.count + 1)") { sides.append(side) }
    guard (1...3).contains(sides.count), sides.allSatisfy({ $0 > 0 && $0 <= 1 << 24 }) else {
      throw VoxelithError(
        .data, "the sides \(sides) of the EDF image at byte \(start) are not possible", file: file.path)
    }
    sides += [Int](repeating: 1, count: 3 - sides.count)
    shape = Shape(z: sides[2], y: sides[1], x: sides[0])
    guard let type = Self.types[keys["datatype"]?.lowercased() ?? ""] else {
      throw VoxelithError(
        .data, "EDF values of type '\((keys["datatype"] ?? "").prefix(30))' are not read", file: file.path)
    }
    self.type = type
    guard ["none", "", "no specification"].contains(keys["compression"]?.lowercased() ?? "") else {
      throw VoxelithError(
        .data, "EDF images packed by '\((keys["compression"] ?? "").prefix(30))' are not read",
        file: file.path)
    }
    isBigEndian = keys["byteorder"]?.lowercased() == "highbytefirst"
    dataOffset = start + close + 1
    guard let count = shape.checkedCount, count <= Int.max / 16 else {
      throw VoxelithError(.data, "an EDF image of \(sides) is beyond measure", file: file.path)
    }
    let needed = count * type.size
    let claimed = number("edf_binarysize") ?? number("size") ?? needed
    guard claimed >= needed else {
      throw VoxelithError(
        .data, "the EDF image of \(sides) (x, y, z) needs \(needed) bytes, its header says \(claimed)",
        file: file.path)
    }
    let (end, overflow) = dataOffset.addingReportingOverflow(claimed)
    guard !overflow else { throw VoxelithError(.data, "the EDF image has no end", file: file.path) }
    self.end = end
    // Metres, by the convention of the SAXS package and of nxtomomill.
    if let x = keys["psize_1"].flatMap(Double.init), let y = keys["psize_2"].flatMap(Double.init), x > 0,
      y > 0
    {
      pixel = (x * 1e6, y * 1e6)
    }
  }

  /// Place of the line's end behind the closing brace.
  private static func end(of bytes: [UInt8]) -> Int? {
    for place in bytes.indices where bytes[place] == 0x7D {
      if place + 1 < bytes.count, bytes[place + 1] == 0x0A { return place + 1 }
      if place + 2 < bytes.count, bytes[place + 1] == 0x0D, bytes[place + 2] == 0x0A { return place + 2 }
    }
    return nil
  }

  private static func keys(_ text: String) -> [String: String] {
    var keys: [String: String] = [:]
    for line in text.split(whereSeparator: { $0 == ";" || $0.isNewline }) {
      let parts = line.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let key = parts[0].filter { !$0.isWhitespace && $0 != "{" }.lowercased()
      let value = String(parts[1].drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
      keys[key] = value
    }
    return keys
  }

  private static let types: [String: VoxelType] = [
    "signedbyte": .int8, "unsignedbyte": .uint8, "signedshort": .int16, "unsignedshort": .uint16,
    "signedinteger": .int32, "signedlong": .int32, "unsignedinteger": .uint32, "unsignedlong": .uint32,
    "signed64": .int64, "unsigned64": .uint64, "float": .float32, "floatvalue": .float32, "real": .float32,
    "double": .float64, "doublevalue": .float64,
  ]
}
