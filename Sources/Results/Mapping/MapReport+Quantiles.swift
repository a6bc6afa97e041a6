import Readers
package import Volumetry

extension MapReport {
  /// Adds the quantiles of the good voxels' x to a folder's `map.json`, whichever way the map was made.
  ///
  /// - Parameter exposures: what is known of the files whose counts were added up.
  /// - Returns: the report as it is written now.
  /// - Throws: `missing` and `data` where the folder holds no map.
  @discardableResult
  package static func addQuantiles(
    in folder: String, exposures: ExposureReport? = nil
  ) throws(VoxelithError) -> MapReport {
    var report = try ResultFile.read(MapReport.self, folder + "/map.json")
    report.exposures = exposures
    report.quantiles = try ValueQuantiles(
      of: try VolumeFile.open(folder + "/li.tif"), mask: try VolumeFile.open(folder + "/mask.tif"))
    try JSONOutput.write(report, to: folder + "/map.json", overwrite: true)
    return report
  }
}
