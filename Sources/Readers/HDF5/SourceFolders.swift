import Foundation

/// Where the files lie that an HDF5 file names without a folder: beside it, or beside what a symbolic link to it leads to.
struct SourceFolders: Sendable {
  let beside: String
  /// Folder of the file itself, where its path is a symbolic link.
  let real: String?

  init(of path: String) {
    beside = (path as NSString).deletingLastPathComponent
    let own = URL(fileURLWithPath: path)
    let folder = own.resolvingSymlinksInPath().deletingLastPathComponent().path
    // A folder on the way that is a link leads to the same files.
    let parent = own.deletingLastPathComponent().resolvingSymlinksInPath().path
    real = folder == parent ? nil : folder
  }

  /// The path at which the library finds the source of a virtual dataset; nil where it is nowhere.
  func find(_ name: String) -> String? {
    let places = [real, beside].compactMap { $0 }.map { ($0 as NSString).appendingPathComponent(name) }
    let candidates = name.hasPrefix("/") ? [name] : places + [name]
    return candidates.first { FileManager.default.fileExists(atPath: $0) }
  }

  /// Where a source should be.
  func expected(_ name: String) -> String {
    name.hasPrefix("/") ? name : (beside as NSString).appendingPathComponent(name)
  }

  /// The path of a raw file.
  func external(_ name: String) -> String {
    name.hasPrefix("/") ? name : (beside as NSString).appendingPathComponent(name)
  }
}
