/// A volume with another place in space: TIFF files know neither an origin nor more than some digits of a spacing,
/// so files of one pipeline are put back on the grid that they were made on.
package struct PlacedVolume: VolumeView {
  package let base: any VolumeSource
  package let grid: Grid

  /// - Throws: `data` where the number of voxels differs.
  package init(_ base: any VolumeSource, on grid: Grid) throws(VoxelithError) {
    guard base.grid.shape == grid.shape else {
      throw VoxelithError(
        .data, "has \(base.grid.shape) voxels (z, y, x) where \(grid.shape) are expected", file: base.name)
    }
    (self.base, self.grid) = (base, grid)
  }

  /// - Parameter place: gives another spacing and origin.
  package init(_ base: any VolumeSource, at place: (inout Grid) -> Void) {
    self.base = base
    var grid = base.grid
    place(&grid)
    grid.shape = base.grid.shape
    self.grid = grid
  }

  package var voxelType: VoxelType { base.voxelType }

  package func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer { try base.read(region) }
}
