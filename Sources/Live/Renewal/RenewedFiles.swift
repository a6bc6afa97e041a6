package import Volumetry

/// The files of the last renewal as it left them: one that somebody changed since is not replaced.
package final class RenewedFiles {
  private var marks: [String: FileMark] = [:]

  package init() {}

  /// A file that is not as it was left. One that was moved away is none.
  package var changed: String? {
    marks.keys.sorted().first { path in FileMark(path).map { $0 != marks[path] } ?? false }
  }

  /// - Throws: `cannotCreate` where somebody changed a file.
  package func check() throws(VoxelithError) {
    guard let changed else { return }
    throw VoxelithError(
      .cannotCreate, "was changed during the watch, and is not replaced", file: changed,
      advice: "move it away: the map is renewed then")
  }

  /// The marks of files that are about to get their names in a folder.
  package func marks(of names: [String], from work: String, to folder: String) -> [String: FileMark] {
    Dictionary(
      names.compactMap { name in FileMark(PathName.join(work, name)).map { (PathName.join(folder, name), $0) }
      },
      uniquingKeysWith: { $1 })
  }

  /// Notes what has its name now.
  package func note(_ new: [String: FileMark]) { marks.merge(new) { $1 } }
}
