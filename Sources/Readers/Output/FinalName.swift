import CFiles
import Glibc
import Volumetry

/// Giving what is complete its final name, so that nothing of the user's is ever replaced unasked.
enum FinalName {
  /// Checks that an output may be created.
  ///
  /// - Throws: `cannotCreate` where the name is missing, or something is in the way that may not be replaced: a folder,
  ///   a device, a pipe, a link that leads nowhere, and a file unless `overwrite` is set.
  static func check(_ path: String, overwrite: Bool) throws(VoxelithError) {
    if path.isEmpty || path.hasSuffix("/") {
      throw VoxelithError(.cannotCreate, "the name of the output file is missing", file: path)
    }
    var facts = stat()
    guard unsafe lstat(path, &facts) == 0 else { return }
    if facts.st_mode & S_IFMT == S_IFLNK, unsafe stat(path, &facts) != 0 {
      throw VoxelithError(
        .cannotCreate, "is a link that leads nowhere", file: path, advice: "remove it first")
    }
    switch facts.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw VoxelithError(.cannotCreate, "is a folder where a file is to be written", file: path)
    default:
      throw VoxelithError(
        .cannotCreate, "is not a regular file and is never replaced", file: path, advice: "name a file")
    }
    try Ownership.check(path, overwrite: overwrite)
    guard overwrite else { throw exists(path) }
  }

  /// Renames a complete file.
  ///
  /// - Throws: `cannotCreate` where something is in the way, also what came there since ``check(_:overwrite:)``;
  ///   `cancelled`, since what was written after a cancellation is not complete.
  static func give(_ path: String, to temporary: String, overwrite: Bool) throws(VoxelithError) {
    try Cancellation.poll()
    try check(path, overwrite: overwrite)
    Ownership.note(path, work: temporary)
    if !overwrite {
      if unsafe vx_rename_without_replacing(temporary, path) == 0 { return }
      if errno == EEXIST { throw exists(path) }
      // Some file systems do not know this way of renaming.
    }
    guard unsafe rename(temporary, path) == 0 else {
      throw VoxelithError(.cannotCreate, "cannot get its name", file: path, cause: systemMessage(errno))
    }
  }

  /// Gives a folder the name of another one, which takes the first one's: at no moment is there none.
  ///
  /// - Returns: whether `old` still has content under its `spare` name or that of the new folder, to be removed.
  static func exchange(_ new: String, _ target: String, spare: String) throws(VoxelithError) {
    if unsafe vx_exchange_names(new, target) == 0 {
      guard unsafe rename(new, spare) == 0 else {
        throw VoxelithError(.io, "cannot be moved aside", file: new, cause: systemMessage(errno))
      }
      return
    }
    guard unsafe rename(target, spare) == 0 else {
      throw VoxelithError(.io, "cannot be moved aside", file: target, cause: systemMessage(errno))
    }
    guard unsafe rename(new, target) == 0 else {
      let status = errno
      _ = unsafe rename(spare, target)
      throw VoxelithError(.io, "cannot get its name", file: target, cause: systemMessage(status))
    }
  }

  private static func exists(_ path: String) -> VoxelithError {
    VoxelithError(.cannotCreate, "exists already", file: path, advice: "use --overwrite to replace it")
  }
}
