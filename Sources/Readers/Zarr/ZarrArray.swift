import Glibc
import Volumetry

/// An array of a Zarr folder (version 2): a file for each chunk.
struct ZarrArray: Sendable {
  let folder: String
  let metadata: Metadata
  let type: VoxelType
  private let isBigEndian: Bool
  /// Bytes of one element of chunks that are not there, in the order of this machine.
  private let fill: [UInt8]
  private let chunkBytes: Int
  /// Bytes between neighbours along each axis of a chunk.
  private let chunkStrides: [Int]

  /// What reading needs of `.zarray`.
  struct Metadata: Sendable {
    var shape: [Int]
    var chunks: [Int]
    var compressor: ZarrMetadata.Compressor?
    var separator: String
  }

  /// - Throws: `missing` where there is no array, `data` where its description is damaged.
  init(_ folder: String) throws(VoxelithError) {
    let described = try ZarrMetadata.read(folder)
    let path = folder + "/.zarray"
    (type, isBigEndian) = try described.element(path)
    metadata = Metadata(
      shape: described.shape, chunks: described.chunks, compressor: described.compressor,
      separator: described.separator ?? ".")
    self.folder = folder
    let value = described.fillValue?.value ?? 0
    guard let fill = type.bytes(of: value) else {
      throw VoxelithError(.data, "the fill value \(value) is none of \(type.rawValue)", file: path)
    }
    self.fill = fill
    var strides = described.chunks
    var step = type.size
    let axes = Array(described.chunks.indices)
    for axis in described.order == "C" ? axes.reversed() : axes {
      strides[axis] = step
      step *= described.chunks[axis]
    }
    chunkStrides = strides
    chunkBytes = step
  }

  /// Reads a box, the last axis fastest.
  ///
  /// - Precondition: the box lies within the array.
  func read(start: [Int], count: [Int], threads: Int) throws(VoxelithError) -> VoxelBuffer {
    let total = count.reduce(1, *)
    let first = zip(start, metadata.chunks).map { $0 / $1 }
    let spans = zip(zip(start, count), metadata.chunks).enumerated().map { axis, sides in
      (sides.0.0 + sides.0.1 - 1) / sides.1 - first[axis] + 1
    }
    guard total > 0 else { return try VoxelBuffer.filled(type, count: 0) { _ in } }
    let pieces = spans.reduce(1, *)
    return try VoxelBuffer.filled(type, count: total) { (bytes) throws(VoxelithError) in
      _ = try Parallel.map(pieces, threads: threads) { (piece) throws(VoxelithError) in
        var rest = piece
        var place = first
        for axis in place.indices.reversed() {
          place[axis] += rest % spans[axis]
          rest /= spans[axis]
        }
        try copy(chunk: place, start: start, count: count, into: bytes)
      }
    }
  }

  /// Where the file of a chunk is.
  func path(of chunk: [Int]) -> String {
    folder + "/" + chunk.map(String.init).joined(separator: metadata.separator)
  }

  /// Copies what a chunk and a box share.
  private func copy(chunk: [Int], start: [Int], count: [Int], into bytes: DisjointBytes) throws(VoxelithError)
  {
    let data = try load(chunk)
    let size = type.size
    let axes = chunk.count
    var lower = [Int](repeating: 0, count: axes)
    var upper = lower
    for axis in 0..<axes {
      let begin = chunk[axis] * metadata.chunks[axis]
      lower[axis] = max(start[axis], begin)
      upper[axis] = min(start[axis] + count[axis], begin + metadata.chunks[axis])
    }
    var strides = count
    var step = size
    for axis in (0..<axes).reversed() {
      strides[axis] = step
      step *= count[axis]
    }
    let row = upper[axes - 1] - lower[axes - 1]
    var place = lower
    while true {
      var source = 0
      var target = 0
      for axis in 0..<axes {
        source += (place[axis] - chunk[axis] * metadata.chunks[axis]) * chunkStrides[axis]
        target += (place[axis] - start[axis]) * strides[axis]
      }
      unsafe try bytes.withPiece(target..<(target + row * size)) { (piece) throws(VoxelithError) in
        unsafe put(data, from: source, step: chunkStrides[axes - 1], into: piece)
      }
      var axis = axes - 2
      while axis >= 0, place[axis] + 1 == upper[axis] {
        place[axis] = lower[axis]
        axis -= 1
      }
      if axis < 0 { return }
      place[axis] += 1
    }
  }

  /// Copies a row of elements that lie `step` bytes apart; a chunk that is not there is the fill value.
  private func put(_ data: [UInt8]?, from source: Int, step: Int, into piece: UnsafeMutableRawBufferPointer) {
    let size = type.size
    guard let data else {
      for offset in piece.indices { unsafe piece[offset] = fill[offset % size] }
      return
    }
    unsafe data.withUnsafeBytes { bytes in
      if step == size {
        unsafe piece.copyMemory(from: .init(rebasing: bytes[source..<(source + piece.count)]))
      } else {
        for index in 0..<(piece.count / size) {
          for byte in 0..<size { unsafe piece[index * size + byte] = bytes[source + index * step + byte] }
        }
      }
    }
    if isBigEndian && size > 1 { unsafe ByteOrder.swap(piece, elementSize: size) }
  }

  /// The unpacked bytes of a chunk, or nil where there is none.
  private func load(_ chunk: [Int]) throws(VoxelithError) -> [UInt8]? {
    let path = path(of: chunk)
    var facts = stat()
    if unsafe stat(path, &facts) != 0, errno == ENOENT || errno == ENOTDIR { return nil }
    let file = try InputFile(path)
    // No codec makes a chunk much longer than it is.
    guard file.size <= 2 * chunkBytes + 65_536 else {
      throw VoxelithError(
        .data, "the chunk has \(file.size) bytes where \(chunkBytes) are needed", file: path)
    }
    return try ZarrCodec.decode(
      try file.bytes(at: 0, count: file.size), by: metadata.compressor, size: chunkBytes, file: path)
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
