import CHDF5
import Foundation
import Volumetry

/// How a name leads to an object.
public enum HDF5Link: Sendable, Hashable {
  case hard
  /// To a path of the same file.
  case soft(String)
  /// To a path of another file.
  case external(file: String, path: String)
  case other

  /// The link of a name in a group; the caller holds the library's lock.
  static func read(_ name: String, in location: hid_t) -> HDF5Link? {
    var size = 0
    let kind = unsafe vx_h5_link_kind(location, name, &size)
    guard kind >= 0 else {
      _ = HDF5Library.takeMessage()
      return nil
    }
    if kind == 0 { return .hard }
    guard kind < 3, size > 0, size < HDF5Attributes.limit else { return .other }
    var value = [UInt8](repeating: 0, count: size + 1)
    let status = unsafe value.withUnsafeMutableBytes { buffer in
      unsafe H5Lget_val(location, name, buffer.baseAddress, size, HDF5Library.defaults)
    }
    guard status >= 0 else {
      _ = HDF5Library.takeMessage()
      return .other
    }
    let text = value.prefix(size)
    if kind == 1 { return .soft(FileText.decode(Array(text.prefix { $0 != 0 }))) }
    // One byte of version and flags, then the file and the path, each ended by a zero byte.
    let parts = text.dropFirst().split(separator: 0, omittingEmptySubsequences: false)
    guard parts.count >= 2 else { return .other }
    return .external(
      file: FileText.decode(Array(parts[0])), path: FileText.decode(Array(parts[1])))
  }
}

/// Finding out why a path leads nowhere.
enum HDF5Links {
  /// The error for a path that cannot be opened; the caller holds the library's lock.
  static func explanation(of path: String, in file: HDF5File, cause: String) -> VoxelithError {
    var parent = "/"
    for part in path.split(separator: "/") {
      let current = parent == "/" ? "/" + part : parent + "/" + part
      guard unsafe H5Lexists(file.handle.id, current, HDF5Library.defaults) > 0 else {
        _ = HDF5Library.takeMessage()
        return VoxelithError(
          .missing, "there is no \(current)", file: file.path,
          advice: names(in: parent, of: file).map { "\(parent) holds \($0)" })
      }
      if unsafe H5Oexists_by_name(file.handle.id, current, HDF5Library.defaults) <= 0 {
        _ = HDF5Library.takeMessage()
        return broken(current, in: file, cause: cause)
      }
      parent = current
    }
    return unreadable(path, in: file, cause: cause)
  }

  /// An object that is there and cannot be read: of a newer kind than the library knows, or damaged.
  private static func unreadable(_ path: String, in file: HDF5File, cause: String) -> VoxelithError {
    guard cause.lowercased().contains("version") else {
      return VoxelithError(.data, "the object cannot be read", file: file.path, place: path, cause: cause)
    }
    var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
    unsafe H5get_libversion(&major, &minor, &release)
    return VoxelithError(
      .data,
      "the object cannot be read: HDF5 \(major).\(minor).\(release), which is installed, is older than its writer",
      file: file.path, place: path,
      advice: "write it for older ones (libver='v110' of h5py), or copy its data to a new file",
      cause: cause)
  }

  private static func broken(_ path: String, in file: HDF5File, cause: String) -> VoxelithError {
    switch HDF5Link.read(path, in: file.handle.id) {
    case .external(let target, let inner):
      let folders = SourceFolders(of: file.path)
      let full = folders.findLinked(target) ?? folders.expected(target)
      if FileManager.default.fileExists(atPath: full) {
        return VoxelithError(
          .missing, "the link leads to \(inner) of \(full), which cannot be opened", file: file.path,
          place: path, cause: cause)
      }
      return VoxelithError(
        .missing, "the link leads to the file \(full), which is missing", file: file.path, place: path,
        advice: "put the file there: the data are in it and not in the master file")
    case .soft(let target):
      return VoxelithError(
        .missing, "the link leads to \(target), which cannot be opened", file: file.path, place: path,
        cause: cause)
    default:
      return unreadable(path, in: file, cause: cause)
    }
  }

  private static func names(in path: String, of file: HDF5File) -> String? {
    let id = unsafe H5Oopen(file.handle.id, path, HDF5Library.defaults)
    guard id >= 0 else {
      _ = HDF5Library.takeMessage()
      return nil
    }
    guard case .group(let group)? = try? HDF5Object(file: file, path: path, id: id),
      let names = try? group.names(), !names.isEmpty
    else { return nil }
    return names.count > 8
      ? names.prefix(8).joined(separator: ", ") + " and \(names.count - 8) more"
      : names.joined(separator: ", ")
  }
}
