import Volumetry

/// Two single slices, which move in their plane: both as thick as the pixels of the fixed one, about their own middles.
///
/// How thick a slice is says nothing of an alignment in its plane, and files of pictures do not tell it.
struct SlicePair {
  let fixed: any VolumeSource
  let moving: any VolumeSource

  /// Nil where one of them has several slices.
  init?(fixed: any VolumeSource, moving: any VolumeSource) {
    guard fixed.grid.shape.z == 1, moving.grid.shape.z == 1 else { return nil }
    let thickness = min(fixed.grid.spacing.x, fixed.grid.spacing.y)
    self.fixed = Slice(base: fixed, thickness: thickness)
    self.moving = Slice(base: moving, thickness: thickness)
  }

  private struct Slice: VolumeSource {
    let base: any VolumeSource
    let grid: Grid

    init(base: any VolumeSource, thickness: Double) {
      self.base = base
      var grid = base.grid
      grid.origin.z += 0.5 * (grid.spacing.z - thickness)
      grid.spacing.z = thickness
      self.grid = grid
    }

    var voxelType: VoxelType { base.voxelType }
    var chunkShape: Shape { base.chunkShape }
    var name: String { base.name }

    func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer { try base.read(region) }
  }
}
