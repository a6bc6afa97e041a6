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
    func slice(_ base: any VolumeSource) -> PlacedVolume {
      PlacedVolume(base) { grid in
        grid.origin.z += 0.5 * (grid.spacing.z - thickness)
        grid.spacing.z = thickness
      }
    }
    self.fixed = slice(fixed)
    self.moving = slice(moving)
  }
}
