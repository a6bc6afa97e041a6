package import Volumetry

/// A volume with another place in space: TIFF files know neither an origin nor more than some digits of a spacing,
/// so files of one pipeline are put back on the grid that they were made on.
package struct PlacedVolume: VolumeSource {
  package let source: any VolumeSource
  package let grid: Grid

  /// - Throws: `data` where the number of voxels differs.
  package init(_ source: any VolumeSource, on grid: Grid) throws(VoxelithError) {
    guard source.grid.shape == grid.shape else {
      throw VoxelithError(
        .data, "has \(source.grid.shape) voxels (z, y, x) where \(grid.shape) are expected", file: source.name
      )
    }
    self.source = source
    self.grid = grid
  }

  package var voxelType: VoxelType { source.voxelType }
  package var chunkShape: Shape { source.chunkShape }
  package var name: String { source.name }

  package func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer { try source.read(region) }
}
