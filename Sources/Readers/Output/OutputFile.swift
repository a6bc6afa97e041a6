import Glibc
public import Volumetry

/// A file that is being written: it gets its final name when it is complete and not before.
///
/// The bytes go to a temporary name in the same folder. Dropping the object without
/// ``commit()`` removes what was written, so a failure leaves nothing under the final name.
@safe public final class OutputFile: Sendable {
  public let path: String
  private let temporaryPath: String
  private let overwrite: Bool
  private let descriptor: Int32
  private struct State {
    var end = 0
    var isOpen = true
  }
  private let state = Guarded(State())

  /// - Throws: `cannotCreate` where the file exists and `overwrite` is false, where the path is a
  ///   folder, or where the folder is missing or may not be written.
  public init(_ path: String, overwrite: Bool) throws(VoxelithError) {
    try Self.check(path, overwrite: overwrite)
    temporaryPath = WorkName.path(beside: path)
    descriptor = unsafe Glibc.open(temporaryPath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw VoxelithError(
        .cannotCreate, "cannot be created", file: path,
        advice: errno == ENOENT ? "make the folder first" : nil, cause: systemMessage(errno))
    }
    self.path = path
    self.overwrite = overwrite
    Unfinished.add(temporaryPath)
  }

  deinit { discard() }

  /// Checks, before long work begins, that an output may be created.
  public static func check(_ path: String, overwrite: Bool) throws(VoxelithError) {
    try FinalName.check(path, overwrite: overwrite)
  }

  /// Adds bytes at the end.
  public func append(_ bytes: UnsafeRawBufferPointer) throws(VoxelithError) {
    let position = state.withLock { state in
      defer { state.end += bytes.count }
      return state.end
    }
    unsafe try write(bytes, at: position)
  }

  /// Puts bytes at a position; what is never written reads as zero.
  public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(VoxelithError) {
    var done = 0
    while done < bytes.count {
      let put = unsafe pwrite(
        descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done, offset + done)
      if put < 0 && errno == EINTR { continue }
      guard put > 0 else {
        throw VoxelithError(.io, "writing failed", file: path, cause: systemMessage(errno))
      }
      done += put
    }
  }

  /// Sets the length; added bytes are zero.
  public func resize(to count: Int) throws(VoxelithError) {
    guard ftruncate(descriptor, count) == 0 else {
      throw VoxelithError(.io, "the file cannot have \(count) bytes", file: path, cause: systemMessage(errno))
    }
  }

  /// Takes room on the disk for a length that is known; false where there is none.
  func reserve(_ count: Int) -> Bool { posix_fallocate(descriptor, 0, count) == 0 }

  /// Gives the file its final name.
  ///
  /// - Throws: `cannotCreate` where meanwhile another file has that name; `io` where the system fails.
  public func commit() throws(VoxelithError) {
    let wasOpen = state.withLock { state in
      defer { state.isOpen = false }
      return state.isOpen
    }
    guard wasOpen else { return }
    // The last blocks may meet a full disk only here.
    let closed = close(descriptor)
    let status = errno
    do throws(VoxelithError) {
      guard closed == 0 else {
        throw VoxelithError(.io, "writing failed", file: path, cause: systemMessage(status))
      }
      try FinalName.give(path, to: temporaryPath, overwrite: overwrite)
      Unfinished.remove(temporaryPath)
    } catch {
      unsafe unlink(temporaryPath)
      Unfinished.remove(temporaryPath)
      throw error
    }
  }

  /// Removes what was written; does nothing after ``commit()``.
  public func discard() {
    let wasOpen = state.withLock { state in
      defer { state.isOpen = false }
      return state.isOpen
    }
    guard wasOpen else { return }
    close(descriptor)
    unsafe unlink(temporaryPath)
    Unfinished.remove(temporaryPath)
  }
}
