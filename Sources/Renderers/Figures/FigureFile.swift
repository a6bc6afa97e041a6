import Foundation
import Volumetry

/// Whole small files that appear under their name only when complete.
enum FigureFile {
  /// - Throws: `cannotCreate` where the file exists, or its folder is missing or takes no files.
  static func checkCreatable(_ path: String, overwrite: Bool) throws(VoxelithError) {
    if isFolder(path) { throw VoxelithError(.cannotCreate, "this is a folder", file: path) }
    if FileManager.default.fileExists(atPath: path), !overwrite {
      throw VoxelithError(
        .cannotCreate, "the file exists already", file: path, advice: "give --overwrite or another name")
    }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    guard isFolder(folder) else {
      throw VoxelithError(.cannotCreate, "there is no folder \(folder)", file: path)
    }
    guard FileManager.default.isWritableFile(atPath: folder) else {
      throw VoxelithError(.cannotCreate, "the folder \(folder) takes no files", file: path)
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  static func write(_ bytes: [UInt8], to path: String, overwrite: Bool) throws(VoxelithError) {
    try checkCreatable(path, overwrite: overwrite)
    let temporary = path + ".partial-\(ProcessInfo.processInfo.processIdentifier)"
    do {
      try Data(bytes).write(to: URL(fileURLWithPath: temporary))
    } catch {
      try? FileManager.default.removeItem(atPath: temporary)
      throw VoxelithError(
        .cannotCreate, "the file cannot be written", file: path, cause: error.localizedDescription)
    }
    guard unsafe rename(temporary, path) == 0 else {
      let cause = unsafe String(cString: strerror(errno))
      try? FileManager.default.removeItem(atPath: temporary)
      throw VoxelithError(.cannotCreate, "the file cannot be put in its place", file: path, cause: cause)
    }
  }
}
