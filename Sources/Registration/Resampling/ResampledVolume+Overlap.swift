public import Volumetry

extension ResampledVolume {
  /// - Throws: `data` where no voxel of the grid can see the source: the transform is of other volumes, or turned round.
  public func checkOverlap() throws(VoxelithError) {
    guard map.footprint(of: Region(whole: grid.shape), margin: 0.5, support: 1, in: source.grid.shape) == nil
    else { return }
    let far = transform(grid.middle) - source.grid.middle
    throw VoxelithError(
      .data,
      "the transform takes the target away from the volume: their middles are \(far.x), \(far.y), \(far.z) µm apart (x, y, z)",
      file: source.name,
      advice: "check which way the transform goes (--inverse turns it round) and its unit, µm")
  }
}
