import Foundation
import Volumetry

/// The header of a MetaImage (`.mha`, `.mhd`), lines of `Key = value` up to `ElementDataFile`
/// (https://itk.org/Wiki/ITK/MetaIO/Documentation).
enum MetaImageHeader {
  /// Types by their names.
  static let types: [(name: String, type: VoxelType)] = [
    ("MET_UCHAR", .uint8), ("MET_CHAR", .int8), ("MET_USHORT", .uint16), ("MET_SHORT", .int16),
    ("MET_UINT", .uint32), ("MET_INT", .int32), ("MET_ULONG_LONG", .uint64), ("MET_LONG_LONG", .int64),
    ("MET_FLOAT", .float32), ("MET_DOUBLE", .float64),
  ]

  /// Whether a file begins as a MetaImage does.
  static func matches(_ head: [UInt8]) -> Bool {
    let text = String(decoding: head, as: UTF8.self)
    return text.hasPrefix("ObjectType") || text.hasPrefix("NDims") || text.hasPrefix("Comment =")
  }

  /// - Throws: `data` where the header is damaged or tells of something that is not a volume of numbers.
  static func read(_ file: InputFile) throws(VoxelithError) -> ImageHeader {
    let (fields, end, list) = try lines(file)
    func bad(_ what: String, _ place: String? = nil) -> VoxelithError {
      VoxelithError(.data, what, file: file.path, place: place)
    }
    func value(_ keys: String...) -> String? { keys.lazy.compactMap { fields[$0.lowercased()] }.first }
    func numbers(_ key: String, _ text: String) throws(VoxelithError) -> [Double] {
      try ImageHeader.numbers(text, key: key, file: file.path)
    }
    func isTrue(_ text: String?) -> Bool { text?.lowercased().first == "t" || text == "1" }

    if let kind = value("ObjectType"), kind.lowercased() != "image" {
      throw bad("the MetaImage holds an object of kind \(kind), not an image")
    }
    guard let sides = value("DimSize") else { throw bad("the MetaImage header lacks DimSize") }
    guard let typeName = value("ElementType") else { throw bad("the MetaImage header lacks ElementType") }
    let plain = typeName.hasSuffix("_ARRAY") ? String(typeName.dropLast(6)) : typeName
    // `long` is 4 bytes in a MetaImage, whatever the machine.
    let known = types + [("MET_LONG", .int32), ("MET_ULONG", .uint32)]
    guard let type = known.first(where: { $0.name == plain })?.type else {
      throw bad("MetaImage values of type \(typeName) are not supported")
    }
    guard let data = value("ElementDataFile") else {
      throw bad("the MetaImage header does not end in ElementDataFile, as it must")
    }
    var lengths = try numbers("DimSize", sides)
    while lengths.count > 3, lengths.last == 1 { lengths.removeLast() }
    var series = 1.0
    if lengths.count == 4 { series = lengths.removeLast() }
    var header = ImageHeader(
      kind: "metaimage", shape: try ImageHeader.shape(lengths, file: file.path), type: type,
      dataPath: file.path,
      dataOffset: end)
    if series > 1 {
      guard let count = Int(exactly: series), count < 1 << 24 else {
        throw bad("\(series) volumes of a series are not possible", "DimSize")
      }
      (header.channels, header.channelAxis, header.role) = (count, 3, .either)
      header.notes.append("the \(count) volumes lie along the fourth axis of the file")
    }
    header.scale = ValueScale(
      slope: try value("ElementToIntensityFunctionSlope").map { (text) throws(VoxelithError) in
        try numbers("ElementToIntensityFunctionSlope", text).first ?? 1
      } ?? 1,
      offset: try value("ElementToIntensityFunctionOffset").map { (text) throws(VoxelithError) in
        try numbers("ElementToIntensityFunctionOffset", text).first ?? 0
      } ?? 0, source: "ElementToIntensityFunction of the header")
    if let binary = value("BinaryData"), !isTrue(binary) { header.packing = .text }
    if let channels = value("ElementNumberOfChannels") {
      guard let count = Int(channels), (1...64).contains(count) else {
        throw bad("\"\(channels)\" is not a number of channels", "ElementNumberOfChannels")
      }
      guard count == 1 || series == 1 else {
        throw bad("a series of \(count) channels is not supported", "DimSize")
      }
      if count > 1 { header.channels = count }
    }
    try place(
      &header, value("ElementSpacing", "ElementSize"), value("Offset", "Origin", "Position"),
      value("TransformMatrix", "Rotation", "Orientation"), value("DistanceUnits"), file.path)
    header.isBigEndian = isTrue(value("BinaryDataByteOrderMSB", "ElementByteOrderMSB"))
    if isTrue(value("CompressedData")) { header.packing = .deflate }
    if data.uppercased() != "LOCAL" {
      if let names = try DataFiles.names(data, list: list, file: file.path, place: "ElementDataFile") {
        header.pieces = names.map { DataFiles.path($0, of: file.path) }
      } else {
        header.dataPath = DataFiles.path(data, of: file.path)
      }
      header.dataOffset = 0
      if let skip = value("HeaderSize") {
        guard let count = Int(skip), count >= -1 else { throw bad("\"\(skip)\" is no length", "HeaderSize") }
        header.dataOffset = count
      }
    }
    return header
  }

  /// Spacing and origin; nil texts stand for lines that are missing.
  private static func place(
    _ header: inout ImageHeader, _ spacing: String?, _ offset: String?, _ matrix: String?, _ unit: String?,
    _ file: String
  ) throws(VoxelithError) {
    let isNamed = unit.map { $0 != "?" } ?? false
    let known = unit.flatMap { Units.factor($0, .length) }
    if isNamed && known == nil { header.unknownUnit = unit }
    let scale = isNamed ? known ?? 1 : 1
    if spacing != nil && !isNamed { header.notes.append("lengths are taken as µm: the header names no unit") }
    func three(_ text: String, _ key: String, missing: Double) throws(VoxelithError) -> SIMD3<Double> {
      let n = try ImageHeader.numbers(text, key: key, file: file)
      guard !n.isEmpty else { throw VoxelithError(.data, "\(key) holds no numbers", file: file) }
      return SIMD3(n[0], n.count > 1 ? n[1] : missing, n.count > 2 ? n[2] : missing)
    }
    if let matrix {
      let m = try ImageHeader.numbers(matrix, key: "TransformMatrix", file: file)
      if m.count == 16 {
        header.turn = try AxisTurn(
          directions: [SIMD3(m[0], m[1], m[2]), SIMD3(m[4], m[5], m[6]), SIMD3(m[8], m[9], m[10])], file: file
        )
      } else if m.count == 9 {
        header.turn = try AxisTurn(
          directions: [SIMD3(m[0], m[1], m[2]), SIMD3(m[3], m[4], m[5]), SIMD3(m[6], m[7], m[8])], file: file)
      } else if m.count == 4 {
        header.turn = try AxisTurn(directions: [SIMD3(m[0], m[1], 0), SIMD3(m[2], m[3], 0)], file: file)
      }
    }
    guard let spacing else { return }
    // Along the axes of the file; the header is asked for x, y, z.
    let size = scale * (try three(spacing, "ElementSpacing", missing: 1))
    let turned = SIMD3(size[header.turn.source[0]], size[header.turn.source[1]], size[header.turn.source[2]])
    header.spacing = turned
    header.spacingSource = "ElementSpacing (\(isNamed ? unit ?? "" : "no unit: taken as µm"))"
    if let offset {
      var first = scale * (try three(offset, "Offset", missing: 0))
      // A slice that has no place along z begins at zero.
      if try ImageHeader.numbers(offset, key: "Offset", file: file).count < 3 { first.z = 0.5 * turned.z }
      header.first = first
      header.originSource = "Offset, the centre of the first voxel, less half a voxel"
    }
  }

  /// Keys in lower case with their values, the first byte after the header, and the names that follow a list of files.
  private static func lines(
    _ file: InputFile
  ) throws(VoxelithError) -> ([String: String], Int, [String]) {
    var head = try file.bytes(at: 0, count: 1 << 16)
    // The last line of a header of its own need not end.
    if head.count == file.size { head.append(10) }
    var fields: [String: String] = [:]
    var start = 0
    while let end = head[start...].firstIndex(of: 10) {
      let line = String(decoding: head[start..<end], as: UTF8.self)
      start = end + 1
      guard let sign = line.firstIndex(of: "=") else {
        if line.allSatisfy(\.isWhitespace) { continue }
        // What does not end in a line need not be one.
        if start > file.size { break }
        throw VoxelithError(.data, "a line of the MetaImage header has no \"=\"", file: file.path)
      }
      let key = line[..<sign].trimmingCharacters(in: .whitespaces).lowercased()
      fields[key] = line[line.index(after: sign)...].trimmingCharacters(in: .whitespacesAndNewlines)
      if key == "elementdatafile" {
        guard DataFiles.isList(fields[key] ?? "") else { return (fields, start, []) }
        return (fields, start, DataFiles.lines(try file.bytes(at: start, count: 1 << 24)[...]))
      }
    }
    throw VoxelithError(.data, "the MetaImage header is cut short: it lacks ElementDataFile", file: file.path)
  }

  /// The text of a header, with the length of packed data left as wide as it may become.
  static func text(
    _ grid: Grid, type: VoxelType, packedBytes: Int?, dataFile: String, isPlane: Bool = false
  ) throws(VoxelithError) -> String {
    guard let name = types.first(where: { $0.type == type })?.name else {
      throw VoxelithError(
        .usage, "a MetaImage cannot hold values of type \(type.rawValue)", advice: "write float32 instead")
    }
    let center = grid.center(z: 0, y: 0, x: 0)
    var lines = [
      "ObjectType = Image", "NDims = \(isPlane ? 2 : 3)", "BinaryData = True",
      "BinaryDataByteOrderMSB = False",
      "CompressedData = \(packedBytes == nil ? "False" : "True")",
    ]
    if let packedBytes {
      let digits = String(packedBytes)
      lines.append(
        "CompressedDataSize = " + digits + String(repeating: " ", count: max(0, 16 - digits.count)))
    }
    func list<T>(_ x: T, _ y: T, _ z: T) -> String { isPlane ? "\(x) \(y)" : "\(x) \(y) \(z)" }
    lines += ["TransformMatrix = " + (isPlane ? "1 0 0 1" : "1 0 0 0 1 0 0 0 1")]
    if grid.hasKnownSpacing {
      lines += [
        "Offset = " + list(center.x, center.y, center.z), "DistanceUnits = um",
        "ElementSpacing = " + list(grid.spacing.x, grid.spacing.y, grid.spacing.z),
      ]
    }
    lines += [
      "DimSize = " + list(grid.shape.x, grid.shape.y, grid.shape.z), "ElementType = \(name)",
      "ElementDataFile = \(dataFile)",
    ]
    return lines.joined(separator: "\n") + "\n"
  }
}
