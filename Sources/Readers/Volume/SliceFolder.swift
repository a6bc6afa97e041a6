import Foundation
import Volumetry

/// Finds the slices of a volume that is stored as one file per slice.
enum SliceFolder {
  /// The files of a folder or a pattern as one series of slices; nil where `path` is neither.
  ///
  /// - Throws: `missing` where there are none, `data` where they are no one series without gaps.
  static func find(_ path: String, options: VolumeOpenOptions) throws(VoxelithError) -> SliceSeries? {
    guard let files = try files(of: path) else { return nil }
    return try SliceSeries(
      files, of: path, allowsMissing: options.allowsMissing, ignoresGaps: options.ignoresGaps)
  }

  private static func files(of path: String) throws(VoxelithError) -> [String]? {
    var isFolder = ObjCBool(false)
    if unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
      return isFolder.boolValue ? try slices(inFolder: path) : nil
    }
    guard path.contains(where: { "*?[".contains($0) }) else { return nil }
    let matches = try tiffs(among: expand(path))
    guard !matches.isEmpty else {
      throw VoxelithError(.missing, "no slice (TIFF, PNG, JPEG, BMP or EDF) matches this pattern", file: path)
    }
    return matches
  }

  private static func slices(inFolder path: String) throws(VoxelithError) -> [String] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: path)
    } catch {
      throw VoxelithError(
        .missing, "the folder cannot be listed", file: path, cause: error.localizedDescription)
    }
    let folder = path.hasSuffix("/") ? path : path + "/"
    let visible = names.filter { !$0.hasPrefix(".") }.map { folder + $0 }
    let files = visible.filter { isRegularFile($0) }
    let found = try tiffs(among: files)
    guard !found.isEmpty else {
      throw VoxelithError(
        .data, "the folder holds no slices (TIFF, PNG, JPEG, BMP or EDF)", file: path,
        advice: "name a file, or a folder of numbered slices")
    }
    return found
  }

  /// The slices among files: TIFF where there is one, else pictures or EDF images.
  private static func tiffs(among paths: [String]) throws(VoxelithError) -> [String] {
    var found: [SliceKind: [String]] = [:]
    for path in paths {
      // A slice that is empty or unreadable must not vanish from the volume.
      let named = SliceKind(ofName: path)
      guard let kind = named == nil ? try SliceKind(ofContent: path) : named else { continue }
      found[kind, default: []].append(path)
    }
    let slices = found[.tiff] ?? found[.picture] ?? found[.edf] ?? []
    return slices.sorted { NaturalOrder.precedes($0, $1) }
  }

  private static func isRegularFile(_ path: String) -> Bool {
    var isFolder = ObjCBool(false)
    return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
  }

  private static func expand(_ pattern: String) -> [String] {
    var found = unsafe glob_t()
    defer { unsafe globfree(&found) }
    guard unsafe glob(pattern, GLOB_NOSORT, nil, &found) == 0 else { return [] }
    var paths: [String] = []
    for index in 0..<Int(unsafe found.gl_pathc) {
      if let path = unsafe found.gl_pathv[index] { unsafe paths.append(String(cString: path)) }
    }
    return paths.filter { isRegularFile($0) }
  }
}
