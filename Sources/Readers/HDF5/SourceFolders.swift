import Foundation
import Volumetry

/// Where the files lie that an HDF5 file names: the places in which the library looks for them, in its order.
///
/// What counts is the file that the naming object lies in, which may be another one than was opened: a link leads to it.
struct SourceFolders: Sendable {
  let beside: String
  /// Folder of the file itself, where its path is a symbolic link.
  let real: String?

  /// - Parameter holder: the file that names others, by the path that the library opened it by.
  init(of holder: String) {
    beside = PathName.folder(of: holder)
    let folder = PathName.folder(of: PathName.real(holder))
    // A folder on the way that is a link leads to the same files.
    let parent = PathName.real(beside.isEmpty ? "." : beside)
    real = folder == parent ? nil : folder
  }

  /// The path at which the source of a virtual dataset is found; nil where it is nowhere.
  func find(_ name: String) -> String? { first([real, beside].compactMap { $0 }, name, [""]) }

  /// The path at which the file of a link is found; nil where it is nowhere.
  func findLinked(_ name: String) -> String? { first([beside], name, [""] + [real].compactMap { $0 }) }

  /// A whole path that leads nowhere is looked for by its last name.
  private func first(_ folders: [String], _ name: String, _ last: [String]) -> String? {
    let isWhole = name.hasPrefix("/")
    let short = isWhole ? PathName.last(of: name) : name
    let places = (folders + last).map { PathName.join($0, short) }
    return ((isWhole ? [name] : []) + places).first { FileManager.default.fileExists(atPath: $0) }
  }

  /// Where a source should be.
  func expected(_ name: String) -> String { PathName.join(beside, name) }

  /// The path of a raw file.
  func external(_ name: String) -> String { PathName.join(beside, name) }
}
