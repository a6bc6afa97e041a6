import Foundation
import Volumetry

/// Formats of files that may be slices.
enum SliceKind: Hashable {
  case tiff, picture, edf

  /// By the ending of a name.
  init?(ofName path: String) {
    switch PathName.ending(of: path).lowercased() {
    case "tif", "tiff": self = .tiff
    case "png", "jpg", "jpeg", "bmp": self = .picture
    case "edf": self = .edf
    default: return nil
    }
  }

  /// The ending of a name, with one spelling for each format.
  static func ending(_ path: String) -> String {
    let ending = PathName.ending(of: path).lowercased()
    return ["tiff": "tif", "jpeg": "jpg"][ending] ?? ending
  }

  /// By the first bytes; nil for other files and for those that cannot be read.
  init?(ofContent path: String) throws(VoxelithError) {
    guard let file = try? InputFile(path) else { return nil }
    switch try FileSignature(file) {
    case .tiff: self = .tiff
    case .picture: self = .picture
    case .edf: self = .edf
    default: return nil
    }
  }
}

extension SliceFolder {
  /// Slices that are not TIFF as a volume; nil for those that are.
  ///
  /// - Throws: `data` where a slice is damaged or unlike the first one.
  static func openOther(
    _ paths: [String], of path: String, options: VolumeOpenOptions
  ) throws(VoxelithError) -> (any DescribedVolume)? {
    guard let first = paths.first else { return nil }
    switch try SliceKind(ofContent: first) {
    case .picture: return try PictureVolume(slices: paths, of: path, options: options)
    case .edf: return try EDFVolume.open(slices: paths, of: path, options: options)
    case .tiff, nil: return nil
    }
  }
}
