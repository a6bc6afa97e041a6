import Glibc

/// Arithmetic on paths: by their letters alone, without looking at files, and the same for every path whatever its length.
///
/// Foundation's functions on paths are not used: `deletingLastPathComponent` of a name of one letter ends the process
/// on Linux.
public enum PathName {
  private static let slash = UInt8(ascii: "/")
  private static let dot = UInt8(ascii: ".")

  /// The folder that holds a file: "a" of "a/b", "" of "b", "/" of "/b"; slashes at the end do not count.
  public static func folder(of path: String) -> String {
    let bytes = Array(path.utf8)
    var end = trimmed(bytes)
    while end > 0, bytes[end - 1] != slash { end -= 1 }
    if end == 0 { return bytes.first == slash ? "/" : "" }
    while end > 1, bytes[end - 1] == slash { end -= 1 }
    return text(bytes[..<end])
  }

  /// The last name of a path: "b" of "a/b/"; "/" of "/".
  public static func last(of path: String) -> String {
    let bytes = Array(path.utf8)
    let end = trimmed(bytes)
    if end == 0 { return bytes.isEmpty ? "" : "/" }
    let start = bytes[..<end].lastIndex(of: slash).map { $0 + 1 } ?? 0
    return text(bytes[start..<end])
  }

  /// The ending of the last name without its dot: "tif" of "a/b.tif"; "" of "b" and ".hidden".
  public static func ending(of path: String) -> String {
    let name = Array(last(of: path).utf8)
    guard let place = name.lastIndex(of: dot), name[..<place].contains(where: { $0 != dot }) else {
      return ""
    }
    return text(name[(place + 1)...])
  }

  /// The path without the ending of its last name: "a/b" of "a/b.tif".
  public static func withoutEnding(_ path: String) -> String {
    let ending = ending(of: path)
    let bytes = Array(path.utf8)
    let end = trimmed(bytes)
    if ending.isEmpty { return end == 0 ? path : text(bytes[..<end]) }
    return text(bytes[..<(end - ending.utf8.count - 1)])
  }

  /// The path of a name in a folder; the name itself where it begins at the root or the folder is "".
  public static func join(_ folder: String, _ name: String) -> String {
    if folder.isEmpty || name.utf8.first == slash { return name }
    return folder.utf8.last == slash ? folder + name : folder + "/" + name
  }

  /// What follows a folder in the path of something below it, by letters; nil for what is not below it.
  public static func below(_ folder: String, _ path: String) -> String? {
    let start = Array(folder.utf8.last == slash ? folder.utf8 : (folder + "/").utf8)
    guard path.utf8.count > start.count, path.utf8.starts(with: start) else { return nil }
    return String(decoding: path.utf8.dropFirst(start.count), as: UTF8.self)
  }

  /// The path from the root, without ".", ".." and doubled slashes; links are not followed.
  ///
  /// - Parameter folder: what a relative path begins at; the process's own folder where it is not given.
  public static func absolute(_ path: String, in folder: String? = nil) -> String {
    var whole = path
    if whole.utf8.first != slash, let folder { whole = join(folder, path) }
    if whole.utf8.first != slash { whole = join(current, whole) }
    var parts: [Substring] = []
    for part in whole.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }

  /// The place behind links; for what is not there, behind those of the part that is.
  public static func real(_ path: String) -> String {
    var there = absolute(path)
    // Links before ".." lead elsewhere than letters say, so the system goes first.
    if let found = resolved(path) { return found }
    var missing: [String] = []
    while there != "/" {
      if let found = resolved(there) { return missing.reversed().reduce(found) { join($0, $1) } }
      missing.append(last(of: there))
      there = folder(of: there)
    }
    return missing.reversed().reduce("/") { join($0, $1) }
  }

  /// The process's own folder.
  public static var current: String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    guard unsafe getcwd(&buffer, buffer.count) != nil else { return "/" }
    return text(buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }[...])
  }

  private static func resolved(_ path: String) -> String? {
    guard let found = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(found) }
    // Text would lose other bytes: such a place is known by the name it was reached by alone.
    return unsafe String(validatingCString: found)
  }

  /// Where a path ends without the slashes at its end.
  private static func trimmed(_ bytes: [UInt8]) -> Int {
    var end = bytes.count
    while end > 0, bytes[end - 1] == slash { end -= 1 }
    return end
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
