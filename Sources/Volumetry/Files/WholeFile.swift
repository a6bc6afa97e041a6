public import Foundation
import Glibc

/// A small file that is read at once: settings, documents, tables.
public enum WholeFile {
  /// Bytes above which a document is not read: nothing that this package writes comes near.
  public static let limit = 256 << 20

  /// The bytes of a regular file, or of what a link leads to.
  ///
  /// Opening never waits: a pipe or a device in the place of a file is an error and not a process that hangs.
  ///
  /// - Parameter advice: what to do where there is no such file.
  /// - Throws: `missing` where there is no such file or it may not be read, `data` where it is a folder, a device or a
  ///   pipe or longer than `limit`, `io` where the system fails.
  public static func read(
    _ path: String, limit: Int = limit, advice: String? = nil
  ) throws(VoxelithError) -> Data {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else {
      let status = errno
      if status == ENOENT || status == ENOTDIR {
        throw VoxelithError(.missing, "there is no such file", file: path, advice: advice)
      }
      throw VoxelithError(.missing, "cannot be opened", file: path, cause: words(status))
    }
    defer { close(descriptor) }
    var facts = stat()
    guard unsafe fstat(descriptor, &facts) == 0 else {
      throw VoxelithError(.io, "cannot be examined", file: path, cause: words(errno))
    }
    guard facts.st_mode & S_IFMT == S_IFREG else {
      throw VoxelithError(
        .data, facts.st_mode & S_IFMT == S_IFDIR ? "is a folder, not a file" : "is not a regular file",
        file: path)
    }
    guard facts.st_size <= limit else {
      throw VoxelithError(
        .data, "has \(facts.st_size) bytes, more than such a file can have (\(limit))", file: path)
    }
    return try bytes(of: descriptor, upTo: limit, path: path)
  }

  private static func bytes(
    of descriptor: Int32, upTo limit: Int, path: String
  ) throws(VoxelithError) -> Data {
    var data = Data()
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe Glibc.read(descriptor, &piece, piece.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else {
        throw VoxelithError(.io, "reading failed", file: path, cause: words(errno))
      }
      if count == 0 { return data }
      data.append(contentsOf: piece[..<count])
      guard data.count <= limit else {
        throw VoxelithError(.data, "grew beyond \(limit) bytes while it was read", file: path)
      }
    }
  }

  /// What the system says about an error number.
  private static func words(_ status: Int32) -> String { unsafe String(cString: strerror(status)) }
}
