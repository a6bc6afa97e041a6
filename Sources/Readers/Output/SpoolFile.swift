import Foundation
import Volumetry

/// A file without a name in the folder for temporary files, which is gone with its last reader.
enum SpoolFile {
  /// - Throws: what `write` throws; `io` where the disk is full.
  static func make(_ write: (OutputFile) throws(VoxelithError) -> Void) throws(VoxelithError) -> InputFile {
    let path = "\(FileManager.default.temporaryDirectory.path)/voxelith-\(UUID().uuidString)"
    let output = try OutputFile(path, overwrite: false)
    try write(output)
    try output.commit()
    let result = try InputFile(path)
    unsafe unlink(path)
    return result
  }
}
