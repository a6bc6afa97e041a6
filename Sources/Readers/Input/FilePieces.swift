import Volumetry

/// Equal pieces of an array in files of their own.
struct FilePieces: Sendable {
  let paths: [String]
  /// Bytes of a piece.
  let bytes: Int
  /// First byte of the piece in each file.
  private let starts: [Int]

  /// - Parameter skip: bytes before each piece; -1 where it is the last bytes of its file.
  /// - Throws: `missing` where a file is not there, `data` where one is too short.
  init(_ paths: [String], bytes: Int, skip: Int) throws(VoxelithError) {
    self.paths = paths
    self.bytes = bytes
    var starts: [Int] = []
    for path in paths {
      let size = try InputFile(path).size
      let start = skip < 0 ? size - bytes : skip
      guard start >= 0, bytes <= size - start else {
        throw VoxelithError(
          .data,
          "one of \(paths.count) pieces of a volume needs \(bytes) bytes, the file holds \(max(0, size - max(0, skip)))",
          file: path)
      }
      starts.append(start)
    }
    self.starts = starts
  }

  /// - Precondition: the bytes lie within the pieces.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(VoxelithError) {
    var done = 0
    while done < buffer.count {
      let (piece, within) = (offset + done).quotientAndRemainder(dividingBy: bytes)
      let count = min(buffer.count - done, bytes - within)
      unsafe try InputFile(paths[piece]).read(
        into: UnsafeMutableRawBufferPointer(rebasing: buffer[done..<(done + count)]),
        at: starts[piece] + within)
      done += count
    }
  }
}
