import ArgumentParser
import Voxelith

/// The coarser grid that fields are wanted on.
struct CellOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Fields on cells: voxels a side (20, or z,y,x), or a file whose grid is taken (XCS.nxs, li.tif).",
      valueName: "voxels|file"))
  var localGrid: String?

  @Option(help: "Fields on cells of so many um a side.")
  var localVoxelUm: Double?

  func validate() throws {
    guard localGrid == nil || localVoxelUm == nil else {
      throw ValidationError("choose one of --local-grid and --local-voxel-um")
    }
  }

  var isGiven: Bool { localGrid != nil || localVoxelUm != nil }

  /// The file that the grid is taken from.
  var file: String? { localGrid.flatMap { VoxelCounts(argument: $0) == nil ? $0 : nil } }

  /// What was asked for; opens the file that is named.
  func choice() throws -> CellChoice? {
    if let side = localVoxelUm { return .cubes(side) }
    guard let localGrid else { return nil }
    if let counts = VoxelCounts(argument: localGrid) { return .voxels(counts.shape) }
    return .grid(try GridFile.grid(of: localGrid))
  }
}
