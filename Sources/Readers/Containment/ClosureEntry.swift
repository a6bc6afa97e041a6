import Foundation
import Volumetry

/// One file (or folder of Zarr) that is read.
public struct ClosureEntry: Sendable, Hashable {
  /// How a file comes to be read.
  public enum Way: String, Sendable, Codable {
    case named
    case externalLink = "external link"
    case virtualSource = "virtual dataset"
    case rawStorage = "raw storage"
    case slice
    /// A text beside the voxels that says what they are.
    case sidecar
    /// What a symbolic link within a folder of Zarr leads to, or the link that the user named.
    case link = "symbolic link"
  }

  /// As the process sees it.
  public let path: String
  public let way: Way
  /// The file that names it; nil where the caller did.
  public let from: String?
  /// Whether that file gives the whole path.
  public let isAbsolute: Bool

  init(path: String, way: Way, from: String?, isAbsolute: Bool = false) {
    self.path = path
    self.way = way
    self.from = from
    self.isAbsolute = isAbsolute
  }

  /// Whether it lies elsewhere than in the folder of the file that names it, or below; links are followed.
  public var isOutside: Bool {
    guard let from else { return false }
    // Slices and chunks lie in a folder that is named, if they are no links that lead elsewhere.
    let isItself = way == .slice || from == path
    let named =
      isItself ? PathName.folder(of: path) : Self.isFolder(from) ? from : PathName.folder(of: from)
    let folder = Self.real(named.isEmpty ? "." : named)
    return !Self.real(path).hasPrefix(folder == "/" ? "/" : folder + "/")
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder = ObjCBool(false)
    return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  /// The place behind links, also of a file that is not there.
  package static func real(_ path: String) -> String {
    PathName.real(path)
  }
}
