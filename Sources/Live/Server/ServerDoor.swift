import Foundation
import Glibc
import Readers
import Volumetry

/// The socket on which the HTTP library listens, in a folder that only this process's user can enter.
///
/// The folder's name tells whose it is, so that what a killed process left is found: by the next watch, and by `clean`.
final class ServerDoor: Sendable {
  private let folder: Guarded<String>

  private static let socket = "page"
  /// Characters that the path of a socket may have (`sun_path`), with some to spare.
  private static let longest = 100
  /// Names that are tried in a folder where others make such, too.
  private static let tries = 8

  /// - Throws: `cannotCreate` where no folder can be made.
  init() throws(VoxelithError) { folder = Guarded(try Self.make()) }

  var path: String { PathName.join(folder.withLock { $0 }, Self.socket) }

  /// Whether the socket still has its name: folders for temporary files are tidied up.
  var isThere: Bool { FileManager.default.fileExists(atPath: path) }

  /// Takes away the socket of a server that is gone, and makes the folder anew where somebody removed it.
  func clear() {
    folder.withLock { folder in
      guard !FileManager.default.fileExists(atPath: folder) else {
        try? FileManager.default.removeItem(atPath: PathName.join(folder, Self.socket))
        return
      }
      Unfinished.remove(folder)
      if let new = try? Self.make() { folder = new }
    }
  }

  func remove() {
    let folder = folder.withLock { $0 }
    try? FileManager.default.removeItem(atPath: folder)
    Unfinished.remove(folder)
  }

  deinit { remove() }

  private static func make() throws(VoxelithError) -> String {
    var (last, cause) = ("", "the name is too long")
    for base in [NSTemporaryDirectory(), "/tmp"] {
      removeDead(in: base)
      for _ in 0..<tries {
        let folder = PathName.join(base, WorkName.next().hidden)
        guard PathName.join(folder, socket).utf8.count <= longest else { break }
        if unsafe mkdir(folder, 0o700) == 0 {
          Unfinished.add(folder)
          return folder
        }
        (last, cause) = (folder, unsafe String(cString: strerror(errno)))
        if errno != EEXIST { break }
      }
    }
    throw VoxelithError(
      .cannotCreate, "the folder of the page cannot be made", file: last.isEmpty ? nil : last, cause: cause)
  }

  /// Removes the folders of killed processes that hold no more than a socket: the system refuses where there is anything else.
  private static func removeDead(in base: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: base)) ?? [] {
      guard let work = WorkName(name), work.owner == .dead else { continue }
      let folder = PathName.join(base, name)
      var facts = stat()
      let door = PathName.join(folder, socket)
      if unsafe lstat(door, &facts) == 0, facts.st_mode & S_IFMT == S_IFSOCK { unsafe unlink(door) }
      unsafe rmdir(folder)
    }
  }
}
