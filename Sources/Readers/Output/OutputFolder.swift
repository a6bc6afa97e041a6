import Foundation
public import Volumetry

/// A folder that is being written: it gets its final name when it is complete and not before.
///
/// Dropping the object without ``commit()`` removes what was written.
public final class OutputFolder: Sendable {
  public let path: String
  /// Where files are to be written meanwhile.
  public let workPath: String
  private let overwrite: Bool
  private let foreign: @Sendable (String) -> String?
  private let isOpen = Guarded(true)

  /// - Parameter foreign: what a folder that is in the way holds that is not of the kind that is written, in words; nil
  ///   where it may be replaced. Only such a folder is ever removed.
  /// - Throws: `cannotCreate` where something is in the way, or the folder above takes no new one.
  public init(
    _ path: String, overwrite: Bool, foreign: @escaping @Sendable (String) -> String?
  ) throws(VoxelithError) {
    var name = path
    while name.count > 1, name.hasSuffix("/") { name.removeLast() }
    self.path = name
    self.overwrite = overwrite
    self.foreign = foreign
    workPath = WorkName.path(beside: name)
    try checkTarget()
    do {
      try FileManager.default.createDirectory(atPath: workPath, withIntermediateDirectories: false)
    } catch {
      throw VoxelithError(
        .cannotCreate, "the folder cannot be made", file: name, cause: error.localizedDescription)
    }
    Unfinished.add(workPath)
  }

  deinit { discard() }

  /// Checks, before long work begins, that a folder may take a name.
  package static func check(_ path: String, overwrite: Bool) throws(VoxelithError) {
    guard FileManager.default.fileExists(atPath: path) else { return }
    try Ownership.check(path, overwrite: overwrite)
    guard overwrite else {
      throw VoxelithError(
        .cannotCreate, "exists already", file: path, advice: "use --overwrite to replace it")
    }
  }

  private func checkTarget() throws(VoxelithError) {
    guard FileManager.default.fileExists(atPath: path) else { return }
    try Self.check(path, overwrite: overwrite)
    if let found = foreign(path) {
      throw VoxelithError(
        .cannotCreate, "is not replaced: \(found)", file: path, advice: "move it away, or choose another name"
      )
    }
  }

  /// Gives the folder its final name.
  ///
  /// - Throws: `cannotCreate` where meanwhile something else has that name or the system refuses; `cancelled`.
  public func commit() throws(VoxelithError) {
    try Cancellation.poll()
    try checkTarget()
    Ownership.note(path, work: workPath)
    try Self.replace(path, with: workPath)
    isOpen.withLock { $0 = false }
    Unfinished.remove(workPath)
  }

  /// Removes what was written; does nothing after ``commit()``.
  public func discard() {
    let wasOpen = isOpen.withLock { open in
      defer { open = false }
      return open
    }
    guard wasOpen else { return }
    try? FileManager.default.removeItem(atPath: workPath)
    Unfinished.remove(workPath)
  }

  /// Gives a complete folder its final name. What had the name before is removed: the caller knows that it may be.
  ///
  /// - Throws: `cannotCreate` and `io` where the system refuses; what was there is there then.
  package static func replace(_ path: String, with work: String) throws(VoxelithError) {
    let manager = FileManager.default
    guard (try? manager.attributesOfItem(atPath: path)) != nil else {
      do {
        try manager.moveItem(atPath: work, toPath: path)
      } catch {
        throw VoxelithError(
          .cannotCreate, "cannot get its name", file: path, cause: error.localizedDescription)
      }
      return
    }
    let old = WorkName.path(beside: work)
    try FinalName.exchange(work, path, spare: old)
    try? manager.removeItem(atPath: old)
  }
}
