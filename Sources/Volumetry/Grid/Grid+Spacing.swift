extension Grid {
  /// Checks that the voxels of this grid are as large as those of another one, as far as both know it.
  ///
  /// - Parameters:
  ///   - share: difference that is allowed along an axis, relative to the other grid: files round.
  ///   - own: whose voxels these are, as messages call it, and whose the others are.
  /// - Throws: `data` where they are not.
  package func requireVoxels(
    like other: Grid, within share: Double, own: String, others: String, file: String, advice: String
  ) throws(VoxelithError) {
    guard hasKnownSpacing, other.hasKnownSpacing else { return }
    let apart = (spacing - other.spacing) / other.spacing
    guard !(max(apart.max(), -apart.min()) > share) else {
      throw VoxelithError(
        .data, "the voxels of \(own) measure \(sizeText) µm, those of \(others) \(other.sizeText) µm",
        file: file, advice: advice)
    }
  }

  /// z, y and x as people write them.
  private var sizeText: String { "\(spacing.z) x \(spacing.y) x \(spacing.x)" }
}
