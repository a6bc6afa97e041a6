import Foundation
import Volumetry

/// The first bytes of a file, by which its kind is judged.
enum FileHead {
  /// Up to `count` bytes from the start of a regular file.
  ///
  /// - Throws: `missing` where there is no such file, it is a directory, or it cannot be opened.
  static func read(_ path: String, count: Int) throws(VoxelithError) -> [UInt8] {
    var isDirectory: ObjCBool = false
    guard unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw VoxelithError(.missing, "there is no such file", file: path)
    }
    guard !isDirectory.boolValue else {
      throw VoxelithError(.missing, "this is a directory and not a file", file: path)
    }
    guard let file = FileHandle(forReadingAtPath: path) else {
      throw VoxelithError(
        .missing, "the file cannot be opened", file: path, advice: "check that you may read it")
    }
    defer { try? file.close() }
    do {
      return Array(try file.read(upToCount: count) ?? Data())
    } catch {
      throw VoxelithError(.io, "the file cannot be read", file: path)
    }
  }

  /// Bytes of a file.
  static func size(_ path: String) -> Int {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return (attributes?[.size] as? NSNumber)?.intValue ?? 0
  }
}

/// Text as files spell it.
enum FileText {
  /// UTF-8, or else Latin-1, which old files use for the micro sign.
  static func decode(_ bytes: some Collection<UInt8>) -> String {
    String(validating: bytes, as: UTF8.self)
      ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
  }
}
