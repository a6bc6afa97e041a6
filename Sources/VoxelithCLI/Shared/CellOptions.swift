import ArgumentParser
import Voxelith

/// The coarser grid that fields are wanted on.
struct CellOptions: ParsableArguments {
  @Option(help: ArgumentHelp(PoresSettings.help(.localGrid), valueName: "voxels|file"))
  var localGrid: String?

  @Option(help: PoresSettings.text(.localVoxel))
  var localVoxelUm: Double?

  var isGiven: Bool { localGrid != nil || localVoxelUm != nil }
}
