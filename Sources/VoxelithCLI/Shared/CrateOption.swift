import ArgumentParser
import Voxelith

/// The option of commands that write a folder.
struct CrateOption: ParsableArguments {
  @Flag(
    name: .customLong("ro-crate"),
    help: "Also describe the folder as an RO-Crate (ro-crate-metadata.json, Process Run Crate).")
  var roCrate = false

  /// - Throws: `cannotCreate` where the description exists and may not be replaced.
  func check(_ folder: String, overwrite: Bool) throws(VoxelithError) {
    if roCrate { try OutputFile.check(folder + "/" + ResearchCrate.name, overwrite: overwrite) }
  }
}
