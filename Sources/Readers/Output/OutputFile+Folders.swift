import Foundation
import Volumetry

extension OutputFile {
  /// Takes away the folders that ``prepareFolder(_:)`` made in this process and that nothing was put into: what a command
  /// that failed owes to its user.
  public static func removeEmptyFolders() { MadeFolders.removeEmpty() }
}

/// The folders that this process made, the outer ones first.
enum MadeFolders {
  private static let paths = Guarded<[String]>([])

  /// The folder and those above it that do not exist, the outer ones first.
  static func missing(_ path: String) -> [String] {
    var missing: [String] = []
    var folder = PathName.absolute(path)
    while folder != "/", !FileManager.default.fileExists(atPath: folder) {
      missing.insert(folder, at: 0)
      folder = PathName.folder(of: folder)
    }
    return missing
  }

  static func record(_ made: String) { paths.withLock { $0.append(made) } }

  static func removeEmpty() {
    let made = paths.withLock { paths in
      defer { paths = [] }
      return paths
    }
    // The system refuses to remove a folder that holds anything.
    for path in made.reversed() { _ = unsafe rmdir(path) }
  }
}
