import Foundation
import Volumetry

/// The socket on which the HTTP library listens, in a folder that only this process's user can enter.
final class ServerDoor: Sendable {
  let path: String
  private let folder: String

  /// Characters that the path of a socket may have (`sun_path`), with some to spare.
  private static let longest = 100

  /// - Throws: `cannotCreate` where no folder can be made.
  init() throws(VoxelithError) {
    let name = "voxelith-page-" + UUID().uuidString.prefix(13)
    let own = NSTemporaryDirectory()
    func door(_ base: String) -> String { PathName.join(PathName.join(base, name), "page") }
    let base = door(own).utf8.count <= Self.longest ? own : "/tmp"
    folder = PathName.join(base, name)
    path = door(base)
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    } catch {
      throw VoxelithError(
        .cannotCreate, "the folder of the page cannot be made", file: folder, cause: "\(error)")
    }
  }

  /// Takes away the socket of a server that is gone.
  func clear() { try? FileManager.default.removeItem(atPath: path) }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  deinit { remove() }
}
