import Foundation
import Volumetry

/// What a text beside a headerless volume says of it: X-Tek's `.xtekct` (Nikon) and the `.vgi` of Volume Graphics.
struct RawSidecar {
  var kind: String
  /// The sidecar itself.
  var path: String
  /// File of the voxels.
  var data: String
  var shape: Shape
  var type: VoxelType
  var offset = 0
  /// Micrometres along x, y, z.
  var spacing: SIMD3<Double>?
  /// Unit of the lengths in the sidecar.
  var unit = "mm"

  /// The sidecar that `path` is, or that lies beside the file `path` under the same name; nil where there is none.
  ///
  /// - Throws: `data` where it is one and says something impossible.
  static func find(_ path: String) throws(VoxelithError) -> RawSidecar? {
    let base = PathName.withoutEnding(path)
    let ending = PathName.ending(of: path).lowercased()
    if ending == "vgi" || ending == "xtekct" {
      return try SettingsText.read(path).flatMap { (text) throws(VoxelithError) in try read(text, path) }
    }
    guard ending == "vol" || ending == "raw" else { return nil }
    for name in [path + ".vgi", base + ".vgi", base + ".xtekct", base + ".XTEKCT"] {
      guard let text = SettingsText.read(name), let found = try read(text, name) else { continue }
      if PathName.last(of: found.data) == PathName.last(of: path) { return found }
    }
    return nil
  }

  private static func read(_ text: SettingsText, _ path: String) throws(VoxelithError) -> RawSidecar? {
    if text.values["xtekct"] != nil { return try xtek(text, path) }
    if text.values["file1"] != nil { return try vgi(text, path) }
    return nil
  }

  private static func vgi(_ text: SettingsText, _ path: String) throws(VoxelithError) -> RawSidecar {
    guard let sides = text.numbers("file1", "size") ?? text.numbers("representation", "size"),
      sides.count == 3,
      let name = text["file1", "name"]
    else { throw VoxelithError(.data, "the VGI file does not say size and name of its volume", file: path) }
    if let format = text["file1", "fileformat"]?.lowercased(), format != "raw" {
      throw VoxelithError(.data, "a VGI volume of the format '\(format.prefix(20))' is not read", file: path)
    }
    let bits = text.numbers("file1", "bitsperelement")?.first ?? 32
    let kind = (text["file1", "datatype"] ?? text["representation", "datatype"] ?? "float").lowercased()
    let types: [String: VoxelType] = [
      "float32": .float32, "float64": .float64, "unsigned integer8": .uint8, "unsigned integer16": .uint16,
      "unsigned integer32": .uint32, "signed integer8": .int8, "signed integer16": .int16,
      "integer16": .int16,
      "signed integer32": .int32,
    ]
    guard let whole = Int(exactly: bits), let type = types[kind + "\(whole)"] else {
      throw VoxelithError(
        .data, "VGI values of '\(kind.prefix(20))' with \(bits) bits are not read", file: path)
    }
    var sidecar = try RawSidecar(
      kind: "vgi", path: path, data: beside(path, name), shape: shape(sides, path), type: type)
    sidecar.offset =
      text.numbers("file1", "skipheader").flatMap { $0.first.flatMap { Int(exactly: $0) } } ?? 0
    if let step = text.numbers("geometry", "resolution"), step.count == 3 {
      let unit = text["geometry", "unit"]
      let factor = Units.factor(unit ?? "mm", .length) ?? .nan
      sidecar.unit = unit ?? "mm, as it names no unit"
      sidecar.spacing = SIMD3(step[0], step[1], step[2]) * factor
    }
    return sidecar
  }

  /// Lengths in `.xtekct` are millimetres; the values are of the type that fits the length of the file.
  private static func xtek(_ text: SettingsText, _ path: String) throws(VoxelithError) -> RawSidecar {
    func number(_ key: String) -> Double? { text.numbers("xtekct", key)?.first }
    guard let x = number("voxelsx"), let y = number("voxelsy"), let z = number("voxelsz") else {
      throw VoxelithError(.data, "the X-Tek file does not say how many voxels there are", file: path)
    }
    let base = PathName.withoutEnding(path)
    let own = (text["xtekct", "name"] ?? PathName.last(of: base)) + ".vol"
    let data =
      [base + ".vol", beside(path, own)].first { FileManager.default.fileExists(atPath: $0) } ?? base + ".vol"
    let shape = try shape([x, y, z], path)
    let file = try InputFile(data)
    let types: [Int: VoxelType] = [1: .uint8, 2: .uint16, 4: .float32]
    guard file.size.isMultiple(of: shape.count), let type = types[file.size / shape.count] else {
      throw VoxelithError(
        .data, "the file has \(file.size) bytes, which do not fit the \(shape) voxels (z, y, x) of \(path)",
        file: data)
    }
    var sidecar = RawSidecar(kind: "xtekct", path: path, data: data, shape: shape, type: type)
    if let sx = number("voxelsizex"), let sy = number("voxelsizey"), let sz = number("voxelsizez") {
      sidecar.spacing = SIMD3(sx, sy, sz) * 1e3
    }
    return sidecar
  }

  private static func beside(_ path: String, _ name: String) -> String {
    // Names of Windows may have a folder that is not there.
    let last = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? name
    return PathName.join(PathName.folder(of: path), last)
  }

  private static func shape(_ sides: [Double], _ path: String) throws(VoxelithError) -> Shape {
    let whole = sides.compactMap { Int(exactly: $0) }
    guard whole.count == 3, whole.allSatisfy({ $0 > 0 && $0 <= 1 << 24 }) else {
      throw VoxelithError(.data, "a volume of \(sides) (x, y, z) voxels is not possible", file: path)
    }
    return Shape(z: whole[2], y: whole[1], x: whole[0])
  }

  /// The volume that the sidecar describes.
  ///
  /// - Throws: `missing` where its file is not there; `data` where its length is another one.
  func open(options: VolumeOpenOptions) throws(VoxelithError) -> PlainVolume {
    if let spacing, spacing.x.isNaN, options.voxelSize == nil, Units.factor(unit, .length) == nil {
      throw Units.notUnderstood(
        unit, .length, what: "the voxel size", option: "--voxel-size", file: data,
        place: "\(kind) file beside it")
    }
    let file = try InputFile(data)
    let plane = shape.y * shape.x * type.size
    guard offset >= 0, let count = shape.checkedCount, file.size - offset == count * type.size else {
      throw VoxelithError(
        .data,
        "the file has \(file.size) bytes, but \(shape) voxels (z, y, x) of \(type.rawValue) after \(offset) bytes are described beside it",
        file: data)
    }
    return try PlainVolume(
      file, kind: kind, type: type, shape: shape, planes: (0..<shape.z).map { offset + $0 * plane },
      isBigEndian: false,
      spacing: spacing, source: "\(kind) file beside the voxels (\(unit))",
      notes: ["shape, type and voxel size are those of the \(kind) file beside it"],
      options: options)
  }
}
