public import Correlation
import Readers
public import Volumetry

/// Writes what a table of voxels says: `voxels.csv`, `correlation.json` and figures.
public enum CorrelationFolder {
  public static let names = ["voxels.csv", "correlation.json"]

  /// - Parameter figures: adds `relation_X_Y.png` for every pair and `depth_profiles.png`.
  /// - Throws: `cannotCreate` where an output exists and may not be overwritten.
  public static func write(
    _ report: CorrelationReport, table: VoxelTable, sigmas: [String: String] = [:], to folder: String,
    figures: Bool = true, overwrite: Bool
  ) throws(VoxelithError) {
    try OutputFile.prepareFolder(folder)
    for name in names { try OutputFile.check(folder + "/" + name, overwrite: overwrite) }
    try OutputFile.write(table.csv(), to: folder + "/voxels.csv", overwrite: overwrite)
    try JSONOutput.write(report, to: folder + "/correlation.json", overwrite: overwrite)
    guard figures else { return }
    let shown = table.screened(apart: Set(sigmas.values)).table
    try CorrelationFigures.write(report, table: shown, sigmas: sigmas, to: folder, overwrite: overwrite)
  }
}
