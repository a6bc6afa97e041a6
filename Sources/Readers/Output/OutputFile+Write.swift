public import Foundation
public import Volumetry

extension OutputFile {
  /// Writes a whole file of bytes.
  public static func write(_ bytes: [UInt8], to path: String, overwrite: Bool) throws(VoxelithError) {
    let file = try OutputFile(path, overwrite: overwrite)
    unsafe try VoxelBuffer.uint8(bytes).withBytes { (raw) throws(VoxelithError) in unsafe try file.append(raw)
    }
    try file.commit()
  }

  /// Writes a whole file of data.
  public static func write(_ data: Data, to path: String, overwrite: Bool) throws(VoxelithError) {
    try write([UInt8](data), to: path, overwrite: overwrite)
  }

  /// Writes a whole text file in UTF-8.
  public static func write(_ text: String, to path: String, overwrite: Bool) throws(VoxelithError) {
    try write([UInt8](text.utf8), to: path, overwrite: overwrite)
  }

  /// Makes an output folder, with the folders above it, where it does not exist.
  ///
  /// - Throws: `cannotCreate` where a file is in the way or the system refuses.
  public static func prepareFolder(_ path: String) throws(VoxelithError) {
    var isFolder = ObjCBool(false)
    if unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
      if isFolder.boolValue { return }
      throw VoxelithError(.cannotCreate, "is a file where a folder is needed", file: path)
    }
    for folder in MadeFolders.missing(path) {
      if unsafe mkdir(folder, 0o777) == 0 {
        MadeFolders.record(folder)
      } else if errno != EEXIST {
        throw VoxelithError(
          .cannotCreate, "the folder cannot be made", file: path, cause: systemMessage(errno))
      }
    }
  }
}
