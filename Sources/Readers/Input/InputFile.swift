import Glibc
import Volumetry

/// An open file that several threads read at positions of their own.
///
/// The descriptor has one owner, this object, and is closed with it.
@safe final class InputFile: Sendable {
  let path: String
  /// Length in bytes when the file was opened.
  let size: Int
  let descriptor: Int32
  private let pieces: FilePieces?

  /// - Throws: `missing` where the file is not there, may not be read or is a folder; `data` where it is
  ///   a device or empty.
  init(_ path: String) throws(VoxelithError) {
    let descriptor = Self.kept(unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK))
    guard descriptor >= 0 else { throw Self.cannotOpen(path, status: errno) }
    var facts = stat()
    guard unsafe fstat(descriptor, &facts) == 0 else {
      let status = errno
      close(descriptor)
      throw VoxelithError(.io, "cannot be examined", file: path, cause: systemMessage(status))
    }
    let kind = facts.st_mode & S_IFMT
    guard kind == S_IFREG, facts.st_size > 0 else {
      close(descriptor)
      if kind == S_IFDIR { throw VoxelithError(.missing, "this is a folder and not a file", file: path) }
      throw VoxelithError(
        .data, kind == S_IFREG ? "the file is empty" : "this is not a regular file", file: path)
    }
    self.path = path
    self.size = Int(facts.st_size)
    self.descriptor = descriptor
    pieces = nil
  }

  /// Several files as if they were one; each is open only while it is read.
  ///
  /// - Throws: `missing` or `data` where one is not there or too short.
  init(_ pieces: FilePieces) throws(VoxelithError) {
    let first = try InputFile(pieces.paths[0])
    path = first.path
    size = pieces.bytes * pieces.paths.count
    descriptor = Self.kept(fcntl(first.descriptor, F_DUPFD_CLOEXEC, 0))
    self.pieces = pieces
    guard descriptor >= 0 else {
      throw VoxelithError(.io, "cannot be opened again", file: path, cause: systemMessage(errno))
    }
  }

  /// A file that another owner has open.
  ///
  /// - Throws: `io` where the system has no descriptor left.
  init(sharing other: Int32, path: String) throws(VoxelithError) {
    let descriptor = Self.kept(fcntl(other, F_DUPFD_CLOEXEC, 0))
    var facts = stat()
    guard descriptor >= 0, unsafe fstat(descriptor, &facts) == 0 else {
      let status = errno
      if descriptor >= 0 { close(descriptor) }
      throw VoxelithError(.io, "cannot be opened again", file: path, cause: systemMessage(status))
    }
    self.path = path
    self.size = Int(facts.st_size)
    self.descriptor = descriptor
    pieces = nil
  }

  deinit { close(descriptor) }

  /// A descriptor that was just opened, or -1 with `EMFILE` where it is one of those that inputs leave free.
  private static func kept(_ descriptor: Int32) -> Int32 {
    guard Int(descriptor) >= OpenFileLimit.end() else { return descriptor }
    close(descriptor)
    errno = EMFILE
    return -1
  }

  private static func cannotOpen(_ path: String, status: Int32) -> VoxelithError {
    if status == ENOENT || status == ENOTDIR {
      return VoxelithError(.missing, "there is no such file", file: path)
    }
    return VoxelithError(
      .missing, "cannot be opened", file: path, advice: status == EMFILE ? OpenFileLimit.advice : nil,
      cause: systemMessage(status))
  }

  /// Fills `buffer` with the bytes from `offset` on.
  ///
  /// - Throws: `data` where the file ends before, `io` where the system fails.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(VoxelithError) {
    guard offset >= 0, offset <= size, buffer.count <= size - offset else {
      throw VoxelithError(
        .data, "the file ends at byte \(size) where \(buffer.count) bytes from byte \(offset) on are needed",
        file: path)
    }
    if let pieces {
      unsafe try pieces.read(into: buffer, at: offset)
      return
    }
    var done = 0
    while done < buffer.count {
      let got = unsafe pread(
        descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done, offset + done)
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else {
        throw VoxelithError(.io, "reading failed", file: path, cause: systemMessage(errno))
      }
      guard got > 0 else {
        throw VoxelithError(.data, "the file became shorter while it was read", file: path)
      }
      done += got
    }
  }

  /// Up to `count` bytes from `offset` on; fewer where the file ends.
  func bytes(at offset: Int, count: Int) throws(VoxelithError) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: max(0, min(count, size - offset)))
    var failure: VoxelithError?
    unsafe result.withUnsafeMutableBytes { buffer in
      do throws(VoxelithError) { unsafe try read(into: buffer, at: offset) } catch { failure = error }
    }
    if let failure { throw failure }
    return result
  }
}

/// What the system says about an error number.
func systemMessage(_ status: Int32) -> String {
  var text = [UInt8](repeating: 0, count: 256)
  unsafe text.withUnsafeMutableBytes { buffer in
    let characters = unsafe buffer.bindMemory(to: CChar.self)
    if let start = characters.baseAddress { _ = unsafe strerror_r(status, start, characters.count) }
  }
  return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
}
