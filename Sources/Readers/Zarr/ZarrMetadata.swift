import Foundation
import Volumetry

/// `.zarray` of Zarr version 2: what an array is and how its chunks are packed.
struct ZarrMetadata: Codable, Equatable {
  var shape: [Int]
  var chunks: [Int]
  var dtype: String
  var compressor: Compressor?
  var fillValue: FillValue?
  var order: String
  var filters: [Filter]?
  var separator: String?
  var format: Int

  /// A codec by the name that numcodecs gives it, with the settings that matter for writing.
  struct Compressor: Codable, Equatable {
    var id: String
    var cname: String?
    var clevel: Int?
    var shuffle: Int?
    var blocksize: Int?
    var level: Int?
  }

  struct Filter: Codable, Equatable { var id: String }

  /// The value of chunks that are not there.
  struct FillValue: Codable, Equatable {
    var value: Double

    init(_ value: Double) { self.value = value }

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let flag = try? container.decode(Bool.self) {
        value = flag ? 1 : 0
        return
      }
      if let number = try? container.decode(Double.self) {
        value = number
        return
      }
      switch try container.decode(String.self) {
      case "NaN": value = .nan
      case "Infinity": value = .infinity
      case "-Infinity": value = -.infinity
      default:
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "an unknown fill value")
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      if value.isNaN {
        try container.encode("NaN")
      } else if value.isInfinite {
        try container.encode(value > 0 ? "Infinity" : "-Infinity")
      } else {
        try container.encode(value)
      }
    }
  }

  enum CodingKeys: String, CodingKey {
    case shape, chunks, dtype, compressor, order, filters
    case fillValue = "fill_value"
    case separator = "dimension_separator"
    case format = "zarr_format"
  }

  /// `null` stands where nothing is known, since other readers want every key.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(shape, forKey: .shape)
    try container.encode(chunks, forKey: .chunks)
    try container.encode(dtype, forKey: .dtype)
    try container.encode(compressor, forKey: .compressor)
    try container.encode(fillValue, forKey: .fillValue)
    try container.encode(order, forKey: .order)
    try container.encode(filters, forKey: .filters)
    try container.encode(separator ?? ".", forKey: .separator)
    try container.encode(format, forKey: .format)
  }

  /// Reads and checks `.zarray` of a folder.
  ///
  /// - Throws: `missing`, and `data` where it is damaged or of a kind that is not read.
  static func read(_ folder: String) throws(VoxelithError) -> ZarrMetadata {
    let path = folder + "/.zarray"
    let metadata = try ZarrJSON.read(ZarrMetadata.self, path, what: "is not a description of a Zarr array")
    try metadata.validate(path)
    return metadata
  }

  private func validate(_ path: String) throws(VoxelithError) {
    func require(_ condition: Bool, _ message: String) throws(VoxelithError) {
      if !condition { throw VoxelithError(.data, message, file: path) }
    }
    try require(format == 2, "Zarr version \(format) is not read, only 2")
    try require(order == "C" || order == "F", "the order '\(order)' is not known")
    try require([nil, ".", "/"].contains(separator), "the separator of chunks is not known")
    if let filter = filters?.first {
      throw VoxelithError(.data, "the filter '\(filter.id)' is not supported", file: path)
    }
    try ZarrDescription.check(
      shape: shape, chunk: chunks, elementSize: try element(path).type.size, path: path)
  }

  /// Type and byte order of the values.
  func element(_ path: String) throws(VoxelithError) -> (type: VoxelType, isBigEndian: Bool) {
    guard let type = NPYHeader.type(dtype.drop(while: { "<>|=".contains($0) })) else {
      throw VoxelithError(.data, "values of type '\(dtype.prefix(20))' are not supported", file: path)
    }
    return (type, dtype.hasPrefix(">"))
  }

  /// How Zarr names a type in little-endian order.
  static func dtype(_ type: VoxelType) -> String {
    let kind = type.isFloatingPoint ? "f" : type.rawValue.hasPrefix("u") ? "u" : "i"
    return "\(type.size == 1 ? "|" : "<")\(kind)\(type.size)"
  }
}

/// Small JSON files of a Zarr folder.
enum ZarrJSON {
  static func read<Value: Decodable>(
    _ type: Value.Type, _ path: String, what: String
  ) throws(VoxelithError) -> Value {
    let file = try InputFile(path)
    guard file.size <= 16 << 20 else { throw VoxelithError(.data, what, file: path) }
    let bytes = try file.bytes(at: 0, count: file.size)
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
      throw VoxelithError(.data, what, file: path)
    }
  }
}
