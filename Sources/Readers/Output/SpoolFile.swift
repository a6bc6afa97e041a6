import Foundation
import Volumetry

/// A file without a name in the folder for working files, which is gone with its last reader.
enum SpoolFile {
  /// - Throws: what `write` throws; `io` where the disk is full.
  static func make(_ write: (OutputFile) throws(VoxelithError) -> Void) throws(VoxelithError) -> InputFile {
    let output = try open()
    try write(output)
    return try closed(output)
  }

  /// A file whose length is known before it is written.
  ///
  /// - Returns: nil where the folder has no room for it.
  static func make(
    bytes: Int, _ write: (OutputFile) throws(VoxelithError) -> Void
  ) throws(VoxelithError) -> InputFile? {
    let output = try open()
    guard output.reserve(bytes) else { return nil }
    try write(output)
    return try closed(output)
  }

  private static func open() throws(VoxelithError) -> OutputFile {
    try OutputFile(
      PathName.join(WorkingMemory.defaultFolder.path, "voxelith-\(UUID().uuidString)"), overwrite: false)
  }

  private static func closed(_ output: OutputFile) throws(VoxelithError) -> InputFile {
    try output.commit()
    let result = try InputFile(output.path)
    unsafe unlink(output.path)
    return result
  }
}
