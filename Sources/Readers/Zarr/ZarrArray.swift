import Glibc
import Volumetry

/// An array of a Zarr folder: a file for each chunk, or for each shard of several.
struct ZarrArray: ChunkedArray {
  let folder: String
  let description: ZarrDescription
  let layout: ChunkLayout
  let owner = ChunkOwner()
  private let shards: ZarrShards?

  /// - Throws: `missing` where there is no array, `data` where its description is damaged.
  init(_ folder: String) throws(VoxelithError) {
    self.folder = folder
    let description = try ZarrDescription(folder)
    self.description = description
    guard
      let layout = ChunkLayout(
        shape: description.shape, chunk: description.chunk, elementSize: description.type.size,
        order: description.axisOrder)
    else {
      throw VoxelithError(
        .data, "chunks of \(description.chunk) do not fit the shape \(description.shape)",
        file: description.path)
    }
    self.layout = layout
    shards = try description.shards.map { (shards) throws(VoxelithError) in
      try ZarrShards(shards, of: description)
    }
  }

  var type: VoxelType { description.type }
  var fill: [UInt8] { description.fill }
  var file: String { folder }
  var path: String? { nil }
  var workingBytes: Int { description.pipeline.workingBytes(layout.bytes) }

  /// Reads a box, the last axis fastest.
  ///
  /// - Precondition: the box lies within the array.
  func read(start: [Int], count: [Int], threads: Int) throws(VoxelithError) -> VoxelBuffer {
    try VoxelBuffer.filled(type, count: count.reduce(1, *)) { (bytes) throws(VoxelithError) in
      try ChunkReader(array: self).read(start: start, count: count, threads: threads, into: bytes)
    }
  }

  func load(_ place: [Int], into target: UnsafeMutableRawBufferPointer) throws(VoxelithError) -> Bool {
    let packed: [UInt8]
    let path: String
    if let shards {
      path = folder + "/" + description.key(shards.shard(of: place))
      guard
        let piece = try shards.piece(of: place, path: path, limit: ChunkPipeline.packedLimit(layout.bytes))
      else {
        return false
      }
      packed = piece
    } else {
      path = folder + "/" + description.key(place)
      guard let whole = try wholeFile(path) else { return false }
      packed = whole
    }
    let outcome = unsafe packed.withUnsafeBytes { source in
      Result { () throws(ChunkPipeline.Fault) in unsafe try description.pipeline.unpack(source, into: target)
      }
    }
    if case .failure(let fault) = outcome {
      throw VoxelithError(.data, "the chunk is damaged: \(fault.reason)", file: path)
    }
    if description.isBigEndian { unsafe ByteOrder.swap(target, elementSize: type.size) }
    return true
  }

  /// Whether a chunk is there.
  ///
  /// - Throws: `data` where the index of its shard is damaged.
  func isStored(_ place: [Int]) throws(VoxelithError) -> Bool {
    guard let shards else {
      return unsafe access(folder + "/" + description.key(place), F_OK) == 0
    }
    return try shards.isStored(place, path: folder + "/" + description.key(shards.shard(of: place)))
  }

  /// About how many chunks are there, at most `limit`: those of all files of the folder, were each whole.
  func storedCount(upTo limit: Int) -> Int {
    let inFile = shards?.chunksPerShard ?? 1
    let files = ClaimedSize.files(in: folder, upTo: limit / 1000 / inFile + 16)
    return min(limit, files * inFile)
  }

  private func wholeFile(_ path: String) throws(VoxelithError) -> [UInt8]? {
    guard let file = try InputFile.ifPresent(path) else { return nil }
    guard file.size <= ChunkPipeline.packedLimit(layout.bytes) else {
      throw VoxelithError(
        .data, "the chunk has \(file.size) bytes where \(layout.bytes) are needed", file: path)
    }
    return try file.bytes(at: 0, count: file.size)
  }
}

extension InputFile {
  /// Nil where there is no such file.
  static func ifPresent(_ path: String) throws(VoxelithError) -> InputFile? {
    var facts = stat()
    if unsafe stat(path, &facts) != 0, errno == ENOENT || errno == ENOTDIR { return nil }
    return try InputFile(path)
  }
}

extension VoxelType {
  /// The bytes of a value of this type in the order of this machine; nil where the type does not hold it.
  func bytes(of value: Double) -> [UInt8]? {
    func list<Number: BitwiseCopyable>(_ number: Number?) -> [UInt8]? {
      number.map { number in unsafe withUnsafeBytes(of: number) { unsafe Array($0) } }
    }
    return switch self {
    case .uint8: list(UInt8(exactly: value))
    case .uint16: list(UInt16(exactly: value))
    case .uint32: list(UInt32(exactly: value))
    case .uint64: list(UInt64(exactly: value))
    case .int8: list(Int8(exactly: value))
    case .int16: list(Int16(exactly: value))
    case .int32: list(Int32(exactly: value))
    case .int64: list(Int64(exactly: value))
    case .float16: list(Float16(value))
    case .float32: list(Float(value))
    case .float64: list(value)
    }
  }
}
