package import Microstructure
package import Volumetry

/// The coarser grid that fields are wanted on: two keys that several operations have.
package enum CellSettings {
  package static let gridHelp =
    "Fields on cells: voxels a side (20, or z,y,x), or a file whose grid is taken (XCS.nxs, li.tif)."
  package static let sideHelp = "Also compute fields on a coarser grid; the side of its cells in µm."

  /// The file that the grid is taken from.
  package static func file(_ localGrid: String?) -> String? {
    localGrid.flatMap { counts($0) == nil ? $0 : nil }
  }

  package static func validate(_ localGrid: String?, _ side: Double?) throws(VoxelithError) {
    guard localGrid == nil || side == nil else {
      throw VoxelithError(.usage, "local_grid and local_voxel_um exclude each other")
    }
    if let side, !(side > 0 && side.isFinite) {
      throw VoxelithError(.usage, "local_voxel_um: \(side) is not positive")
    }
  }

  /// What was asked for; opens the file that is named.
  package static func choice(_ localGrid: String?, _ side: Double?) throws(VoxelithError) -> CellChoice? {
    if let side { return .cubes(side) }
    guard let localGrid else { return nil }
    if let shape = counts(localGrid) { return .voxels(shape) }
    return .grid(try GridFile.grid(of: localGrid))
  }

  /// `20` or `4,8,8`.
  package static func counts(_ text: String) -> Shape? {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    let values = numbers.compactMap { $0 }.filter { $0 >= 1 }
    guard values.count == numbers.count, values.count == 1 || values.count == 3 else { return nil }
    return values.count == 1
      ? Shape(z: values[0], y: values[0], x: values[0]) : Shape(z: values[0], y: values[1], x: values[2])
  }
}
