import Foundation
import Volumetry

/// The header of a NRRD file: lines of `field: value` up to an empty one (http://teem.sourceforge.net/nrrd/format.html).
enum NRRDHeader {
  private static let types: [(names: [String], type: VoxelType)] = [
    (["uint8", "uchar", "unsigned char", "uint8_t"], .uint8), (["int8", "signed char", "int8_t"], .int8),
    (["uint16", "ushort", "unsigned short", "unsigned short int", "uint16_t"], .uint16),
    (["int16", "short", "short int", "signed short", "signed short int", "int16_t"], .int16),
    (["uint32", "uint", "unsigned int", "uint32_t"], .uint32),
    (["int32", "int", "signed int", "int32_t"], .int32),
    (["uint64", "ulonglong", "unsigned long long", "unsigned long long int", "uint64_t"], .uint64),
    (
      [
        "int64", "longlong", "long long", "long long int", "signed long long", "signed long long int",
        "int64_t",
      ], .int64
    ),
    (["float"], .float32), (["double"], .float64),
  ]

  /// - Throws: `data` where the header is damaged or tells of something that is not a volume of numbers.
  static func read(_ file: InputFile) throws(VoxelithError) -> ImageHeader {
    let (fields, end, list) = try lines(file)
    func bad(_ what: String, _ place: String? = nil) -> VoxelithError {
      VoxelithError(.data, what, file: file.path, place: place)
    }
    guard let typeName = fields["type"]?.lowercased() else { throw bad("the NRRD header lacks its type") }
    guard let type = types.first(where: { $0.names.contains(typeName) })?.type else {
      throw bad("NRRD values of type \(typeName) are not supported")
    }
    guard let sidesText = fields["sizes"] else { throw bad("the NRRD header lacks its sizes") }
    let sides = try ImageHeader.numbers(sidesText, key: "sizes", file: file.path)
    if let dimension = fields["dimension"], Int(dimension) != sides.count {
      throw bad("the NRRD header says \(dimension) axes and gives \(sides.count) sizes")
    }
    let axes = try NRRDAxes(fields, sides: sides, file: file.path)
    var header = ImageHeader(
      kind: "nrrd", shape: try ImageHeader.shape(axes.space.map { sides[$0] }, file: file.path), type: type,
      dataPath: file.path, dataOffset: end)
    try axes.describe(&header)
    try axes.place(&header)
    if type.size > 1 {
      switch fields["endian"]?.lowercased() {
      case "big": header.isBigEndian = true
      case "little", nil: break
      case let other?: throw bad("\"\(other)\" is not a byte order", "endian")
      }
    }
    switch fields["encoding"]?.lowercased() {
    case "raw": break
    case "gzip", "gz": header.packing = .deflate
    case "bzip2", "bz2": header.packing = .bzip2
    case "ascii", "text", "txt": header.packing = .text
    case "hex": header.packing = .hex
    case let other:
      throw VoxelithError(
        .data, "a NRRD encoded as \(other ?? "nothing") is not supported", file: file.path, place: "encoding",
        advice: "write it anew as raw, gzip or bzip2, as teem's unu save -e gzip does")
    }
    if let data = fields["data file"] ?? fields["datafile"] {
      if let names = try DataFiles.names(data, list: list, file: file.path, place: "data file") {
        header.pieces = names.map { DataFiles.path($0, of: file.path) }
      } else {
        header.dataPath = DataFiles.path(data, of: file.path)
      }
      header.dataOffset = 0
    } else {
      header.end = end
    }
    if let skip = fields["line skip"] ?? fields["lineskip"] {
      guard let count = Int(skip), (0...1_000_000).contains(count) else {
        throw bad("\"\(skip)\" lines cannot be skipped", "line skip")
      }
      header.lineSkip = count
    }
    if let skip = fields["byte skip"] ?? fields["byteskip"] {
      guard let count = Int(skip), count >= -1, count <= 0 || header.packing == .none else {
        throw bad("\"\(skip)\" bytes cannot be skipped", "byte skip")
      }
      // Lines are skipped before bytes, and -1 is the end of the file whatever lies before.
      if count >= 0 { header.byteSkip = count } else { (header.dataOffset, header.lineSkip) = (-1, 0) }
    }
    return header
  }

  /// Fields by their names, the first byte after the header, and the names that follow a list of files.
  private static func lines(
    _ file: InputFile
  ) throws(VoxelithError) -> ([String: String], Int, [String]) {
    var head = try file.bytes(at: 0, count: 1 << 16)
    // The last line of a header of its own need not end.
    if head.count == file.size { head.append(10) }
    var fields: [String: String] = [:]
    var start = 0
    var number = 0
    while let end = head[start...].firstIndex(of: 10) {
      var line = String(decoding: head[start..<end], as: UTF8.self)
      if line.hasSuffix("\r") { line.removeLast() }
      start = end + 1
      number += 1
      if number == 1 || line.hasPrefix("#") || line.contains(":=") { continue }
      if line.isEmpty { return (fields, start, []) }
      guard let sign = line.firstIndex(of: ":") else {
        // What does not end in a line need not be one.
        if start > file.size { break }
        throw VoxelithError(.data, "line \(number) of the NRRD header has no \":\"", file: file.path)
      }
      let key = line[..<sign].trimmingCharacters(in: .whitespaces).lowercased()
      let value = line[line.index(after: sign)...].trimmingCharacters(in: .whitespaces)
      fields[key] = value
      if key == "data file" || key == "datafile", DataFiles.isList(value) {
        return (fields, file.size, DataFiles.lines(try file.bytes(at: start, count: 1 << 24)[...]))
      }
    }
    // A header of its own may end with the file.
    guard fields["data file"] != nil || fields["datafile"] != nil else {
      throw VoxelithError(.data, "the NRRD header is cut short: no empty line ends it", file: file.path)
    }
    return (fields, file.size, [])
  }

  /// The text of a header for voxels that follow it.
  static func text(
    _ grid: Grid, type: VoxelType, isPacked: Bool, isPlane: Bool = false
  ) throws(VoxelithError) -> String {
    guard let name = types.first(where: { $0.type == type })?.names.first else {
      throw VoxelithError(
        .usage, "a NRRD cannot hold values of type \(type.rawValue)", advice: "write float32 instead")
    }
    let center = grid.center(z: 0, y: 0, x: 0)
    let s = grid.spacing
    let count = isPlane ? 2 : 3
    func list(_ words: [String], _ separator: String = " ") -> String {
      words.prefix(count).joined(separator: separator)
    }
    func vector(_ x: Double, _ y: Double, _ z: Double) -> String {
      "(" + list(["\(x)", "\(y)", "\(z)"], ",") + ")"
    }
    var lines = ["NRRD0004", "type: \(name)", "dimension: \(count)"]
    if grid.hasKnownSpacing { lines.append("space dimension: \(count)") }
    lines.append("sizes: " + list(["\(grid.shape.x)", "\(grid.shape.y)", "\(grid.shape.z)"]))
    if grid.hasKnownSpacing {
      let axes = (0..<3).map { index in
        "(" + list((0..<3).map { $0 == index ? "\(s[index])" : "0" }, ",") + ")"
      }
      lines.append("space directions: " + list(axes))
    }
    lines += [
      "kinds: " + list(["domain", "domain", "domain"]), "endian: little",
      "encoding: \(isPacked ? "gzip" : "raw")",
    ]
    if grid.hasKnownSpacing {
      lines += [
        "space units: " + list(["\"um\"", "\"um\"", "\"um\""]),
        "space origin: " + vector(center.x, center.y, center.z),
      ]
    }
    return lines.joined(separator: "\n") + "\n\n"
  }
}
