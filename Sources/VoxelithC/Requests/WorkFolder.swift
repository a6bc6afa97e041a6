import Foundation
import Voxelith

/// A folder for the files of one call, made when it is asked for and removed with the call.
final class WorkFolder {
  private(set) var made: String?

  /// - Throws: `cannotCreate` where the system's folder for temporary files takes none.
  var path: String {
    get throws(VoxelithError) {
      if let made { return made }
      let place = FileManager.default.temporaryDirectory.path + "/voxelith-\(UUID().uuidString)"
      do {
        try FileManager.default.createDirectory(
          atPath: place, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      } catch {
        throw VoxelithError(
          .cannotCreate, "a working folder cannot be made", file: place, advice: "set TMPDIR")
      }
      made = place
      return place
    }
  }

  deinit {
    if let made { try? FileManager.default.removeItem(atPath: made) }
  }
}
