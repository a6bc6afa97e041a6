import Foundation
import Volumetry

/// What an array is and how its chunks are found and unpacked, whichever version of Zarr says so.
struct ZarrDescription: Sendable {
  var shape: [Int]
  var chunk: [Int]
  var type: VoxelType
  var isBigEndian: Bool
  /// Axes of an unpacked chunk from the slowest to the fastest; nil for their own order.
  var axisOrder: [Int]?
  /// Bytes of an element that was never written.
  var fill: [UInt8]
  var pipeline: ChunkPipeline
  /// What `inspect` calls the packing.
  var compression: String
  var prefix: String
  var separator: String
  var shards: Shards?
  /// Names of the axes, where the array itself has them.
  var axisNames: [String]?
  /// The file that says all this.
  var path: String

  /// Files that hold several chunks and an index.
  struct Shards: Sendable {
    var shape: [Int]
    var isIndexAtEnd: Bool
    var hasChecksum: Bool
  }

  /// Reads the description in a folder.
  ///
  /// - Throws: `missing`, and `data` where it is damaged or of a kind that is not read.
  init(_ folder: String) throws(VoxelithError) {
    if FileManager.default.fileExists(atPath: folder + "/zarr.json") {
      try self.init(ZarrMetadata3.read(folder), path: folder + "/zarr.json")
    } else {
      try self.init(try ZarrMetadata.read(folder), path: folder + "/.zarray")
    }
  }

  /// Version 2.
  init(_ metadata: ZarrMetadata, path: String) throws(VoxelithError) {
    (type, isBigEndian) = try metadata.element(path)
    shape = metadata.shape
    chunk = metadata.chunks
    axisOrder = metadata.order == "F" ? metadata.shape.indices.reversed() : nil
    fill = try Self.fill(metadata.fillValue?.value ?? 0, type, path)
    compression = metadata.compressor?.id ?? "none"
    let codec: ChunkCodec?
    switch metadata.compressor?.id {
    case nil: codec = nil
    case "blosc": codec = .blosc
    case "zstd": codec = .zstd
    case "gzip": codec = .deflate(.gzip)
    case "zlib": codec = .deflate(.zlib)
    case "lz4": codec = .lz4Sized
    case let id?:
      throw VoxelithError(
        .data, "chunks packed by '\(id.prefix(20))' are not supported", file: path,
        advice: "supported: blosc, zstd, gzip, zlib, lz4 and none")
    }
    pipeline = ChunkPipeline(steps: codec.map { [$0] } ?? [])
    prefix = ""
    separator = metadata.separator ?? "."
    self.path = path
  }

  static func fill(_ value: Double, _ type: VoxelType, _ path: String) throws(VoxelithError) -> [UInt8] {
    guard let fill = type.bytes(of: value) else {
      throw VoxelithError(.data, "the fill value \(value) is none of \(type.rawValue)", file: path)
    }
    return fill
  }

  /// The fill value as people read it.
  var shownFill: String {
    let buffer = try? VoxelBuffer.filled(type, count: 1) { (bytes) throws(VoxelithError) in
      unsafe try bytes.withPiece(0..<fill.count) { (target) throws(VoxelithError) in
        unsafe target.copyBytes(from: fill)
      }
    }
    return buffer.flatMap { $0.doubles().first }.map(GeometryOrigin.text) ?? "of the array"
  }

  /// The file of a chunk or shard within the folder.
  func key(_ place: [Int]) -> String {
    prefix + place.map(String.init).joined(separator: separator)
  }

  /// - Throws: `data` where sides are out of any range.
  static func check(shape: [Int], chunk: [Int], elementSize: Int, path: String) throws(VoxelithError) {
    func require(_ condition: Bool, _ message: String) throws(VoxelithError) {
      if !condition { throw VoxelithError(.data, message, file: path) }
    }
    try require(!shape.isEmpty && shape.count <= 8, "an array of \(shape.count) axes is not read")
    try require(shape.count == chunk.count, "the chunks \(chunk) do not fit the shape \(shape)")
    try require(shape.allSatisfy { $0 >= 1 && $0 < 1 << 40 }, "the shape \(shape) holds no voxels")
    try require(chunk.allSatisfy { $0 >= 1 && $0 < 1 << 31 }, "the chunks \(chunk) are not possible")
    guard product(shape, times: 16) != nil else {
      throw VoxelithError(.data, "the shape \(shape) is beyond measure", file: path)
    }
    guard let bytes = product(chunk, times: elementSize), bytes < 1 << 40 else {
      throw VoxelithError(.data, "chunks of \(chunk) are too large to be read", file: path)
    }
  }

  /// Product of sides and a size; nil where it overflows.
  static func product(_ sides: [Int], times size: Int) -> Int? {
    var result = size
    for side in sides {
      let (product, overflow) = result.multipliedReportingOverflow(by: side)
      if overflow { return nil }
      result = product
    }
    return result
  }
}
