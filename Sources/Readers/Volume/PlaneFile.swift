import Foundation
import Volumetry

/// Files of one slice: whether they have two axes, as pictures do, or three, of which one is a voxel long.
///
/// ITK treats the two as different: a transform of the plane goes with the first alone.
public enum PlaneFile {
  private static let pictures: Set<String> = ["tif", "tiff", "png", "jpg", "jpeg", "bmp", "pgm"]

  /// Whether a file that holds one slice has two axes. A MetaImage and a NRRD say so; pictures always have.
  public static func isPlane(_ path: String) -> Bool {
    let ending = PathName.ending(of: path).lowercased()
    if pictures.contains(ending) { return true }
    guard ["mha", "mhd", "nrrd", "nhdr"].contains(ending), let file = FileHandle(forReadingAtPath: path)
    else {
      return false
    }
    defer { try? file.close() }
    guard let head = try? file.read(upToCount: 4096) else { return false }
    for line in String(decoding: head, as: UTF8.self).split(whereSeparator: \.isNewline) {
      let words = line.split { $0 == "=" || $0 == ":" }.map { $0.trimmingCharacters(in: .whitespaces) }
      if words.count == 2, ["ndims", "dimension"].contains(words[0].lowercased()) {
        return Int(words[1]) == 2
      }
    }
    return false
  }
}
