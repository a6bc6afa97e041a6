import Foundation
import Volumetry

/// `zarr.json` of an array of Zarr version 3 (zarr-specs, core 3.0 and the codecs registered with it).
struct ZarrMetadata3: Codable, Equatable {
  var format: Int
  var kind: String
  var shape: [Int]
  var type: String
  var grid: Named
  var encoding: Named
  var fillValue: Fill
  var codecs: [Named]
  var names: [String?]?
  /// What a reader has to know of transformers of the storage: that there are none.
  var transformers: [Named]?

  enum CodingKeys: String, CodingKey {
    case shape, codecs
    case format = "zarr_format"
    case kind = "node_type"
    case type = "data_type"
    case grid = "chunk_grid"
    case encoding = "chunk_key_encoding"
    case fillValue = "fill_value"
    case names = "dimension_names"
    case transformers = "storage_transformers"
  }

  /// An extension by its name; a name alone may stand for one without settings.
  struct Named: Codable, Equatable {
    var name: String
    var configuration: Settings?

    enum CodingKeys: String, CodingKey { case name, configuration }

    init(_ name: String, _ configuration: Settings? = nil) {
      self.name = name
      self.configuration = configuration
    }

    init(from decoder: any Decoder) throws {
      if let name = try? decoder.singleValueContainer().decode(String.self) {
        self.init(name)
        return
      }
      let container = try decoder.container(keyedBy: CodingKeys.self)
      self.init(
        try container.decode(String.self, forKey: .name),
        try container.decodeIfPresent(Settings.self, forKey: .configuration))
    }
  }

  /// Settings of all the extensions that are read.
  struct Settings: Codable, Equatable {
    var chunkShape: [Int]?
    var separator: String?
    var endian: String?
    var order: [Int]?
    var level: Int?
    var checksum: Bool?
    var cname: String?
    var clevel: Int?
    var shuffle: String?
    var typesize: Int?
    var blocksize: Int?
    var codecs: [Named]?
    var indexCodecs: [Named]?
    var indexLocation: String?

    enum CodingKeys: String, CodingKey {
      case separator, endian, order, level, checksum, cname, clevel, shuffle, typesize, blocksize, codecs
      case chunkShape = "chunk_shape"
      case indexCodecs = "index_codecs"
      case indexLocation = "index_location"
    }
  }

  /// The value of voxels that were never written: a number, or the bits of one as text.
  enum Fill: Codable, Equatable {
    case number(Double)
    case bits(UInt64)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self), text.hasPrefix("0x"),
        let bits = UInt64(text.dropFirst(2), radix: 16)
      {
        self = .bits(bits)
      } else {
        self = .number(try container.decode(ZarrMetadata.FillValue.self).value)
      }
    }

    func encode(to encoder: any Encoder) throws {
      switch self {
      case .number(let value): try ZarrMetadata.FillValue(value).encode(to: encoder)
      case .bits(let bits):
        var container = encoder.singleValueContainer()
        try container.encode("0x" + String(bits, radix: 16))
      }
    }
  }

  static func read(_ folder: String) throws(VoxelithError) -> ZarrMetadata3 {
    try ZarrJSON.read(
      ZarrMetadata3.self, folder + "/zarr.json", what: "is not a description of a Zarr 3 array")
  }

  static func typeName(_ type: VoxelType) -> String { type.rawValue }

  static func voxelType(_ name: String) -> VoxelType? { name == "bool" ? .uint8 : VoxelType(rawValue: name) }
}

extension ZarrDescription {
  /// Version 3.
  init(_ metadata: ZarrMetadata3, path: String) throws(VoxelithError) {
    func refuse(_ what: String) -> VoxelithError { VoxelithError(.data, what, file: path) }
    guard metadata.format == 3, metadata.kind == "array" else {
      throw refuse(
        "Zarr version \(metadata.format), node '\(metadata.kind.prefix(20))', is not read as an array")
    }
    guard let type = ZarrMetadata3.voxelType(metadata.type) else {
      throw refuse("values of type '\(metadata.type.prefix(20))' are not supported")
    }
    guard metadata.transformers ?? [] == [] else {
      throw refuse("transformers of the storage are not supported")
    }
    guard metadata.grid.name == "regular", var chunk = metadata.grid.configuration?.chunkShape else {
      throw refuse("chunks of the grid '\(metadata.grid.name.prefix(20))' are not supported")
    }
    try Self.check(shape: metadata.shape, chunk: chunk, elementSize: type.size, path: path)
    var codecs = metadata.codecs
    var shards: Shards?
    if codecs.first?.name == "sharding_indexed", let settings = codecs[0].configuration {
      guard codecs.count == 1, let inner = settings.chunkShape, let own = settings.codecs else {
        throw refuse("the shards are not described")
      }
      try Self.check(shape: metadata.shape, chunk: inner, elementSize: type.size, path: path)
      guard zip(chunk, inner).allSatisfy({ $0.isMultiple(of: $1) }) else {
        throw refuse("chunks of \(inner) do not fill shards of \(chunk)")
      }
      let names = (settings.indexCodecs ?? []).map(\.name)
      guard names == ["bytes"] || names == ["bytes", "crc32c"],
        settings.indexCodecs?[0].configuration?.endian != "big"
      else { throw refuse("an index of shards packed by \(names) is not supported") }
      shards = Shards(
        shape: chunk, isIndexAtEnd: settings.indexLocation != "start", hasChecksum: names.count == 2)
      chunk = inner
      codecs = own
    }
    self.shape = metadata.shape
    self.chunk = chunk
    self.type = type
    self.shards = shards
    self.path = path
    switch metadata.fillValue {
    case .number(let value): fill = try Self.fill(value, type, path)
    case .bits(let bits): fill = (0..<type.size).map { UInt8(truncatingIfNeeded: bits >> UInt64(8 * $0)) }
    }
    (axisOrder, isBigEndian, pipeline, compression) = try Self.steps(codecs, axes: chunk.count, path: path)
    separator = metadata.encoding.configuration?.separator ?? (metadata.encoding.name == "v2" ? "." : "/")
    switch metadata.encoding.name {
    case "default": prefix = "c" + separator
    case "v2": prefix = ""
    default: throw refuse("the names of chunks '\(metadata.encoding.name.prefix(20))' are not supported")
    }
    guard separator == "/" || separator == "." else { throw refuse("the separator of chunks is not known") }
    let names = metadata.names?.compactMap { $0 } ?? []
    axisNames = names.count == shape.count ? names : nil
  }

  private static func steps(
    _ codecs: [ZarrMetadata3.Named], axes: Int, path: String
  ) throws(VoxelithError) -> (order: [Int]?, isBigEndian: Bool, pipeline: ChunkPipeline, compression: String)
  {
    var order: [Int]?
    var isBigEndian = false
    var steps: [ChunkCodec] = []
    var compression = "none"
    for codec in codecs {
      let settings = codec.configuration
      switch codec.name {
      case "transpose":
        guard let wanted = settings?.order, wanted.sorted() == Array(0..<axes), steps.isEmpty else {
          throw VoxelithError(.data, "the order of the axes in a chunk is damaged", file: path)
        }
        // A second one turns what the first has turned.
        order = order.map { first in wanted.map { first[$0] } } ?? wanted
      case "bytes": isBigEndian = settings?.endian == "big"
      case "gzip": steps.append(.deflate(.gzip))
      case "zlib", "numcodecs.zlib": steps.append(.deflate(.zlib))
      case "zstd": steps.append(.zstd)
      case "blosc": steps.append(.blosc)
      case "crc32c": steps.append(.crc32c)
      case "sharding_indexed":
        throw VoxelithError(
          .data, "shards within shards are not supported", file: path,
          advice: "write the array anew with one level of shards")
      default:
        throw VoxelithError(
          .data, "chunks packed by '\(codec.name.prefix(30))' are not supported", file: path,
          advice: "supported: bytes, transpose, blosc, zstd, gzip, zlib, crc32c and sharding_indexed of these"
        )
      }
      if !["transpose", "bytes", "crc32c"].contains(codec.name) { compression = codec.name }
    }
    return (order, isBigEndian, ChunkPipeline(steps: steps), compression)
  }
}
