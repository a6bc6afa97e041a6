public import Compton
import Readers
public import Volumetry

/// Writes a lithium map: one TIFF per quantity and `map.json`.
public enum MapFolder {
  public static let floatFiles = [
    "li.tif", "li_sigma.tif", "intensity.tif", "ratio.tif", "deviance.tif", "deviance_expected.tif",
  ]

  /// Maps a source into a folder. Files get their names when all are complete.
  ///
  /// - Throws: `cannotCreate` where an output exists and may not be overwritten; errors of the map.
  /// - Returns: what `map.json` holds.
  @discardableResult
  public static func write(
    _ map: LithiumMap, method: MapMethod, calibration: Calibration, to folder: String, overwrite: Bool,
    resources: Resources
  ) throws(VoxelithError) -> MapReport {
    try OutputFile.prepareFolder(folder)
    for name in floatFiles + ["mask.tif", "map.json"] {
      try OutputFile.check(folder + "/" + name, overwrite: overwrite)
    }
    let grid = map.source.grid
    func writer(_ name: String, _ type: VoxelType) throws(VoxelithError) -> TIFFVolumeWriter {
      try TIFFVolumeWriter(path: folder + "/" + name, grid: grid, type: type, overwrite: overwrite)
    }
    var writers: [TIFFVolumeWriter] = []
    for name in floatFiles { writers.append(try writer(name, .float32)) }
    let mask = try writer("mask.tif", .uint8)
    let summary = try map.run(resources: resources) { (block, result) throws(VoxelithError) in
      let fields = [
        result.x, result.sigma, result.intensity, result.ratio, result.deviance, result.expectedDeviance,
      ]
      for (writer, field) in zip(writers, fields) { try writer.write(.float32(field), to: block.core) }
      try mask.write(.uint8(result.mask), to: block.core)
    }
    for writer in writers { try writer.finish() }
    try mask.finish()
    let report = MapReport(summary, method: method, calibration: calibration, grid: grid)
    try JSONOutput.write(report, to: folder + "/map.json", overwrite: overwrite)
    return report
  }
}
