import Volumetry

extension MapSummary {
  /// Forgets the values, so that those of a denoised map take their place. The error of the mean stays that of the
  /// measured values: denoising adds nothing to it.
  public mutating func removeValues() { clearValues() }

  /// Adds a box of a denoised map, with a status for each voxel.
  public mutating func add(_ map: DenoisedMap, mask: [UInt8]) {
    for voxel in mask.indices {
      let status = VoxelStatus(rawValue: mask[voxel]) ?? .empty
      add(masked: status, voxels: 1)
      guard status.takesPart else { continue }
      addValue(
        x: Double(map.x[voxel]), sigma: Double(map.sigma[voxel]), sharedSigma: Double(map.sharedSigma[voxel]))
    }
  }
}
