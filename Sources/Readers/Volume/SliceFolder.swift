import Foundation
import Volumetry

/// Finds the slices of a volume that is stored as one file per slice.
enum SliceFolder {
  /// The files of a folder or a pattern as one series of slices; nil where `path` is neither.
  ///
  /// - Throws: `missing` where there are none, `data` where they are no one series without gaps.
  static func find(_ path: String, options: VolumeOpenOptions) throws(VoxelithError) -> SliceSeries? {
    guard let (files, notes) = try files(of: path) else { return nil }
    return try SliceSeries(
      files, of: path, notes: notes, allowsMissing: options.allowsMissing, ignoresGaps: options.ignoresGaps)
  }

  static func files(of path: String) throws(VoxelithError) -> (files: [String], notes: [String])? {
    var isFolder = ObjCBool(false)
    if unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
      return isFolder.boolValue ? try slices(inFolder: path) : nil
    }
    guard path.contains(where: { "*?[".contains($0) }) else { return nil }
    let matches = try slices(among: expand(path), of: path)
    guard !matches.files.isEmpty else {
      throw VoxelithError(.missing, "no slice (TIFF, PNG, JPEG, BMP or EDF) matches this pattern", file: path)
    }
    return matches
  }

  private static func slices(inFolder path: String) throws(VoxelithError) -> (
    files: [String], notes: [String]
  ) {
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
    let found = try slices(among: files, of: path)
    guard !found.files.isEmpty else {
      throw VoxelithError(
        .data, "the folder holds no slices (TIFF, PNG, JPEG, BMP or EDF)", file: path,
        advice: "name a file, or a folder of numbered slices")
    }
    return found
  }

  /// The slices among files: TIFF where there is one, else pictures or EDF images, and what is left out.
  ///
  /// - Throws: `data` where files of another format carry on the numbers of the slices.
  private static func slices(
    among paths: [String], of path: String
  ) throws(VoxelithError) -> (files: [String], notes: [String]) {
    var found: [SliceKind: [String]] = [:]
    for path in paths {
      // A slice that is empty or unreadable must not vanish from the volume.
      let named = SliceKind(ofName: path)
      guard let kind = named == nil ? try SliceKind(ofContent: path) : named else { continue }
      found[kind, default: []].append(path)
    }
    guard let kind = [SliceKind.tiff, .picture, .edf].first(where: { found[$0] != nil }) else {
      return ([], [])
    }
    let slices = (found.removeValue(forKey: kind) ?? []).sorted { NaturalOrder.precedes($0, $1) }
    var others: [String] = []
    for list in found.values { others += list }
    if kind == .picture {
      // PNG, JPEG and BMP side by side are copies of one another, or the parts of one series.
      let endings = Dictionary(grouping: slices) { SliceKind.ending($0) }
      guard endings.count == 1 else {
        let most = endings.max { ($0.value.count, $1.key) < ($1.value.count, $0.key) }?.value ?? slices
        let rest = slices.filter { SliceKind.ending($0) != SliceKind.ending(most[0]) }
        return try told(most, beside: rest + others, of: path)
      }
    }
    return try told(slices, beside: others, of: path)
  }

  private static func told(
    _ slices: [String], beside others: [String], of path: String
  ) throws(VoxelithError) -> (files: [String], notes: [String]) {
    guard let first = others.min() else { return (slices, []) }
    let names = slices.map { SliceName($0) }
    let (skeletons, numbers) = (Set(names.map(\.skeleton)), Set(names.map(\.numbers)))
    for other in others.sorted().map({ SliceName($0) })
    where skeletons.contains(other.skeleton) && !other.numbers.isEmpty && !numbers.contains(other.numbers) {
      throw VoxelithError(
        .data,
        "the numbers of the \(slices.count) slices (\(names[0].file), ...) go on in files of another format: \(other.file)",
        file: path,
        advice: "write all slices in one format, or name those that are meant by a pattern such as '*.tif'")
    }
    return (
      slices,
      [
        "\(others.count) files of other formats beside the slices are left out (\(PathName.last(of: first))\(others.count > 1 ? ", ..." : ""))"
      ]
    )
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
