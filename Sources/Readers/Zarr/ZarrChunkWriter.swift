import Foundation
import Volumetry

/// One array of a Zarr folder that is being written: boxes come in any order, and a chunk is packed and written when
/// the last of its voxels has come.
final class ZarrChunkWriter: Sendable {
  let folder: String
  let shape: Shape
  let chunk: Shape
  private let type: VoxelType
  private let compression: ZarrCompression
  private let threads: Int

  private struct Partial {
    var bytes: [UInt8]
    var missing: Int
  }
  private let format: ZarrFormat
  private let shards: ZarrShardWriter?
  private let partial = Guarded<[Shape: Partial]>([:])

  init(
    folder: String, shape: Shape, chunk: Shape, type: VoxelType, compression: ZarrCompression,
    format: ZarrFormat, threads: Int
  ) throws(VoxelithError) {
    self.folder = folder
    self.shape = shape
    self.chunk = chunk
    self.type = type
    self.compression = compression
    self.threads = threads
    self.format = format
    shards = format.shard.map { shard in
      ZarrShardWriter(array: shape, chunk: chunk, shard: shard) { "\(folder)/c/\($0.z)/\($0.y)/\($0.x)" }
    }
    try OutputFile.prepareFolder(folder)
    switch format {
    case .ome04: try JSONOutput.write(metadata2, to: folder + "/.zarray", overwrite: true)
    case .ome05: try JSONOutput.write(metadata3, to: folder + "/zarr.json", overwrite: true)
    }
  }

  private var metadata2: ZarrMetadata {
    ZarrMetadata(
      shape: [shape.z, shape.y, shape.x], chunks: [chunk.z, chunk.y, chunk.x],
      dtype: ZarrMetadata.dtype(type), compressor: compression.compressor,
      fillValue: ZarrMetadata.FillValue(0),
      order: "C", filters: nil, separator: "/", format: 2)
  }

  private var metadata3: ZarrMetadata3 {
    typealias Named = ZarrMetadata3.Named
    typealias Settings = ZarrMetadata3.Settings
    var codecs = compression.codecs(elementSize: type.size)
    let pieces = format.shard ?? chunk
    if format.shard != nil {
      codecs = [
        Named(
          "sharding_indexed",
          Settings(
            chunkShape: [chunk.z, chunk.y, chunk.x], codecs: codecs,
            indexCodecs: [Named("bytes", Settings(endian: "little")), Named("crc32c")], indexLocation: "end"))
      ]
    }
    return ZarrMetadata3(
      format: 3, kind: "array", shape: [shape.z, shape.y, shape.x], type: ZarrMetadata3.typeName(type),
      grid: Named("regular", Settings(chunkShape: [pieces.z, pieces.y, pieces.x])),
      encoding: Named("default", Settings(separator: "/")), fillValue: .number(0), codecs: codecs,
      names: ["z", "y", "x"], transformers: nil)
  }

  /// Takes the voxels of a box.
  func write(_ buffer: VoxelBuffer, to region: Region) throws(VoxelithError) {
    let places = Self.places(of: region, chunk: chunk)
    try unsafe buffer.withBytes { (bytes) throws(VoxelithError) in
      let source = unsafe SharedBytes(bytes)
      _ = try Parallel.map(places.count, threads: threads) { (index) throws(VoxelithError) in
        try take(source, region, into: places[index])
      }
    }
  }

  /// Chunks that a box touches.
  static func places(of region: Region, chunk: Shape) -> [Shape] {
    guard !region.shape.isEmpty else { return [] }
    func span(_ range: Range<Int>, _ side: Int) -> ClosedRange<Int> {
      (range.lowerBound / side)...((range.upperBound - 1) / side)
    }
    return span(region.z, chunk.z).flatMap { z in
      span(region.y, chunk.y).flatMap { y in
        span(region.x, chunk.x).map { x in Shape(z: z, y: y, x: x) }
      }
    }
  }

  /// The voxels of a chunk that lie within the array.
  func region(of place: Shape) -> Region {
    let lower = Shape(z: place.z * chunk.z, y: place.y * chunk.y, x: place.x * chunk.x)
    return Region(
      lower: lower,
      shape: Shape(
        z: min(chunk.z, shape.z - lower.z), y: min(chunk.y, shape.y - lower.y),
        x: min(chunk.x, shape.x - lower.x)))
  }

  private func take(_ source: SharedBytes, _ region: Region, into place: Shape) throws(VoxelithError) {
    let whole = self.region(of: place)
    let z = region.z.clamped(to: whole.z)
    let y = region.y.clamped(to: whole.y)
    let x = region.x.clamped(to: whole.x)
    var piece =
      partial.withLock { $0.removeValue(forKey: place) }
      ?? Partial(bytes: [UInt8](repeating: 0, count: chunk.count * type.size), missing: whole.count)
    let row = x.count * type.size
    for slice in z {
      for line in y {
        let from =
          (((slice - region.lower.z) * region.shape.y + line - region.lower.y) * region.shape.x + x.lowerBound
            - region.lower.x) * type.size
        let to =
          (((slice - whole.lower.z) * chunk.y + line - whole.lower.y) * chunk.x + x.lowerBound - whole.lower.x)
          * type.size
        source.copy(from..<(from + row), into: &piece.bytes, at: to)
      }
    }
    piece.missing -= z.count * y.count * x.count
    if piece.missing == 0 {
      try store(piece.bytes, at: place)
    } else {
      partial.withLock { $0[place] = piece }
    }
  }

  private func store(_ bytes: [UInt8], at place: Shape) throws(VoxelithError) {
    let packed = try compression.encode(bytes, elementSize: type.size, file: folder)
    if let shards {
      try shards.take(packed, at: place)
      return
    }
    let parent = "\(folder)/\(format == .ome04 ? "" : "c/")\(place.z)/\(place.y)"
    try OutputFile.prepareFolder(parent)
    try OutputFile.write(packed, to: "\(parent)/\(place.x)", overwrite: false)
  }

  /// Number of chunks or shards that wait for voxels.
  var unfinished: Int { partial.withLock { $0.count } + (shards?.unfinished ?? 0) }
}

/// The bytes of a buffer that several threads read while it is lent.
@safe private struct SharedBytes: @unchecked Sendable {
  private let base: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) { unsafe base = bytes }

  func copy(_ range: Range<Int>, into target: inout [UInt8], at offset: Int) {
    unsafe target.withUnsafeMutableBytes { bytes in
      unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<(offset + range.count)])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: base[range]))
    }
  }
}
