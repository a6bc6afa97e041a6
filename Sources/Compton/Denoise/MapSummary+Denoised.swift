import Volumetry

extension MapSummary {
  /// The numbers of a map after its values were denoised. The weighted mean stays that of the measured values: what
  /// denoising makes of them adds nothing to it.
  public mutating func replace(with map: DenoisedMap, mask: [UInt8]) {
    clearValues()
    for voxel in mask.indices {
      let status = VoxelStatus(rawValue: mask[voxel]) ?? .empty
      add(masked: status, voxels: 1)
      guard status.hasValue else { continue }
      addValue(
        x: Double(map.x[voxel]), sigma: Double(map.sigma[voxel]), sharedSigma: Double(map.sharedSigma[voxel]))
    }
  }
}
