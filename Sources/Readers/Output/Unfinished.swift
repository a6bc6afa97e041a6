import Foundation
import Volumetry

/// The files and folders that this process is writing under names of their own.
public enum Unfinished {
  private static let paths = Guarded<Set<String>>([])

  package static func add(_ path: String) { _ = paths.withLock { $0.insert(absolute(path)) } }

  package static func remove(_ path: String) { _ = paths.withLock { $0.remove(absolute(path)) } }

  private static func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
  }

  /// Removes them all, and the empty folders that this process made: for a process that ends without waiting for its
  /// threads.
  public static func removeAll() {
    // A thread may be adding a file to a folder meanwhile.
    for _ in 0..<3 {
      let left = paths.withLock { $0 }.filter { FileManager.default.fileExists(atPath: $0) }
      if left.isEmpty { break }
      for path in left { try? FileManager.default.removeItem(atPath: path) }
    }
    OutputFile.removeEmptyFolders()
  }
}
