import Foundation
import Volumetry

/// Writing a small text file under a temporary name first.
enum TextOutput {
  /// - Throws: `cannotCreate` where the file exists and may not be overwritten or cannot be written.
  static func write(_ text: String, to path: String, overwrite: Bool) throws(VoxelithError) {
    guard overwrite || !FileManager.default.fileExists(atPath: path) else {
      throw VoxelithError(
        .cannotCreate, "the file exists already", file: path, advice: "give --overwrite to replace it")
    }
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw VoxelithError(
        .cannotCreate, "the file cannot be written", file: path, cause: error.localizedDescription)
    }
  }
}
