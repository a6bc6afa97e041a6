import Foundation

/// What makes a folder one of Zarr and nothing else.
enum ZarrFolder {
  /// Something in a folder that no Zarr image has, in words; nil where all of it may be replaced.
  static func foreign(in path: String) -> String? {
    guard let kind = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType,
      kind == .typeDirectory
    else { return "it is not a folder" }
    guard ZarrVolume.isZarr(path) else { return "it is not a Zarr folder" }
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
    return names.first { !isZarr($0) }.map { "it holds \($0), which is not part of a Zarr image" }
  }

  /// Descriptions, levels, chunks (`0/3/1/2`, `0/c/3/1/2`, `0/3.1.2`) and the folder of labels.
  private static func isZarr(_ path: String) -> Bool {
    path.split(separator: "/").allSatisfy { part in
      [".zarray", ".zattrs", ".zgroup", ".zmetadata", "zarr.json", "c", "labels", "OME"].contains(part)
        || part.allSatisfy { $0.isNumber || $0 == "." }
    }
  }
}
