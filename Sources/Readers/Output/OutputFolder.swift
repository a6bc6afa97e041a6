import Foundation
import Synchronization
public import Volumetry

/// A folder that is being written: it gets its final name when it is complete and not before.
///
/// Dropping the object without ``commit()`` removes what was written.
public final class OutputFolder: Sendable {
  public let path: String
  /// Where files are to be written meanwhile.
  public let workPath: String
  private let overwrite: Bool
  private let mayReplace: @Sendable (String) -> Bool
  private let isOpen = Guarded(true)
  private static let serial = Atomic<Int>(0)

  /// - Parameter mayReplace: whether a folder that is in the way is of the kind that is written, so that no other
  ///   folder is ever removed.
  /// - Throws: `cannotCreate` where something is in the way, or the folder above takes no new one.
  public init(
    _ path: String, overwrite: Bool, mayReplace: @escaping @Sendable (String) -> Bool
  ) throws(VoxelithError) {
    var name = path
    while name.count > 1, name.hasSuffix("/") { name.removeLast() }
    self.path = name
    self.overwrite = overwrite
    self.mayReplace = mayReplace
    let number = Self.serial.wrappingAdd(1, ordering: .relaxed).newValue
    let parent = (name as NSString).deletingLastPathComponent
    let last = (name as NSString).lastPathComponent
    workPath =
      (parent.isEmpty ? "" : parent + "/")
      + ".\(last).\(ProcessInfo.processInfo.processIdentifier)-\(number).part"
    try checkTarget()
    do {
      try FileManager.default.createDirectory(atPath: workPath, withIntermediateDirectories: false)
    } catch {
      throw VoxelithError(
        .cannotCreate, "the folder cannot be made", file: name, cause: error.localizedDescription)
    }
  }

  deinit { discard() }

  private func checkTarget() throws(VoxelithError) {
    guard FileManager.default.fileExists(atPath: path) else { return }
    guard overwrite else {
      throw VoxelithError(
        .cannotCreate, "exists already", file: path, advice: "use --overwrite to replace it")
    }
    guard mayReplace(path) else {
      throw VoxelithError(
        .cannotCreate, "is something else than what is to be written, and is not replaced", file: path)
    }
  }

  /// Gives the folder its final name.
  ///
  /// - Throws: `cannotCreate` where meanwhile something else has that name or the system refuses.
  public func commit() throws(VoxelithError) {
    try checkTarget()
    let old = workPath + ".old"
    let manager = FileManager.default
    do {
      if manager.fileExists(atPath: path) { try manager.moveItem(atPath: path, toPath: old) }
      try manager.moveItem(atPath: workPath, toPath: path)
    } catch {
      if !manager.fileExists(atPath: path) { try? manager.moveItem(atPath: old, toPath: path) }
      throw VoxelithError(.cannotCreate, "cannot get its name", file: path, cause: error.localizedDescription)
    }
    isOpen.withLock { $0 = false }
    try? manager.removeItem(atPath: old)
  }

  /// Removes what was written; does nothing after ``commit()``.
  public func discard() {
    let wasOpen = isOpen.withLock { open in
      defer { open = false }
      return open
    }
    if wasOpen { try? FileManager.default.removeItem(atPath: workPath) }
  }
}
