import Voxelith

/// The descriptions of a Zarr array, spelled out.
struct ZarrTexts {
  var shape: [Int]
  var chunk: [Int]
  var type: VoxelType
  var isBigEndian: Bool
  var order: [Int]
  var codec: String
  var hasChecksum: Bool

  var version2: String {
    let kind = type.isFloatingPoint ? "f" : type.rawValue.hasPrefix("u") ? "u" : "i"
    let mark = type.size == 1 ? "|" : isBigEndian ? ">" : "<"
    return """
      {"zarr_format": 2, "shape": \(shape), "chunks": \(chunk), "dtype": "\(mark)\(kind)\(type.size)", "fill_value": 0,
       "order": "\(order == Array(order.indices) ? "C" : "F")", "filters": null,
       "compressor": \(codec == "none" ? "null" : "{\"id\": \"\(codec)\"}")}
      """
  }

  func version3(shards counts: [Int]?, isAtEnd: Bool) -> String {
    let endian = isBigEndian ? "big" : "little"
    var codecs = [
      #"{"name": "transpose", "configuration": {"order": \#(order)}}"#,
      #"{"name": "bytes", "configuration": {"endian": "\#(endian)"}}"#,
    ]
    if codec != "none" { codecs.append(#"{"name": "\#(codec == "zlib" ? "numcodecs.zlib" : codec)"}"#) }
    if hasChecksum { codecs.append(#"{"name": "crc32c"}"#) }
    var outer = "[\(codecs.joined(separator: ", "))]"
    var pieces = chunk
    if let counts {
      pieces = zip(chunk, counts).map { $0 * $1 }
      outer = """
        [{"name": "sharding_indexed", "configuration": {"chunk_shape": \(chunk), "codecs": \(outer),
          "index_codecs": [{"name": "bytes", "configuration": {"endian": "little"}}, {"name": "crc32c"}],
          "index_location": "\(isAtEnd ? "end" : "start")"}}]
        """
    }
    return """
      {"zarr_format": 3, "node_type": "array", "shape": \(shape), "data_type": "\(type.rawValue)", "fill_value": 0,
       "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": \(pieces)}},
       "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}}, "codecs": \(outer), "attributes": {}}
      """
  }
}
