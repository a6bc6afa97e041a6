import Foundation
import Voxelith

/// Maps of several numbers a voxel: the channels of one TIFF, or one file each for formats without channels.
enum MapChannels {
  static let flux = ["flux x", "flux y", "flux z", "magnitude"]
  static let local = ["effective diffusivity", "tortuosity factor", "porosity"]

  /// Files that are written: `map.tif`, or `map-x.mha` and so on.
  static func paths(_ path: String, _ names: [String]) -> [String] {
    if isTIFF(path) { return [path] }
    let ending = PathName.ending(of: path)
    let stem = PathName.withoutEnding(path)
    return names.map { name in
      let word = name.hasPrefix("flux ") ? String(name.dropFirst(5)) : name
      return "\(stem)-\(word.replacingOccurrences(of: " ", with: "-")).\(ending)"
    }
  }

  /// Where each channel goes, in the order of the names.
  ///
  /// - Throws: what ``VolumeOutput/create(_:grid:type:isLabels:isCompressed:overwrite:zarr:threads:)`` throws.
  static func sinks(
    _ path: String, _ grid: Grid, _ names: [String], overwrite: Bool
  ) throws(VoxelithError) -> [any VolumeSink] {
    if isTIFF(path) {
      let writer = try TIFFVolumeWriter(
        path: path, grid: grid, type: .float32, channels: names.count, channelNames: names,
        overwrite: overwrite)
      return names.indices.map { writer.sink(channel: $0) }
    }
    return try paths(path, names).map { (path) throws(VoxelithError) in
      try VolumeOutput.create(path, grid: grid, type: .float32, overwrite: overwrite)
    }
  }

  private static func isTIFF(_ path: String) -> Bool {
    ["tif", "tiff"].contains(PathName.ending(of: path).lowercased())
  }
}
