/// A box of a lithium map whose voxels were merged into bins; arrays over its voxels in z, y, x order.
///
/// The voxels of a bin share one x and one error: a map has as many independent values as it has bins.
public struct BinnedBox: Sendable {
  /// x, its error and the fit's numbers are those of the bin, the intensity is the voxel's own.
  public private(set) var values: LithiumMap.BlockResult
  /// Number of each voxel's bin from 1; 0 for none.
  public private(set) var labels: [UInt32]
  /// Voxels of each voxel's bin; 0 for none.
  public private(set) var sizes: [UInt32]
  /// Full width in um at half maximum of a Gaussian as wide as the bin (second moment, mean of the axes, with the box of
  /// each voxel); NaN for none.
  public private(set) var resolution: [Float]

  init(voxels: Int = 0, status: [UInt8] = [], intensity: [Float] = []) {
    values = LithiumMap.BlockResult(voxels: voxels, rows: 0, hasInformation: false)
    values.mask = status
    values.intensity = intensity
    labels = [UInt32](repeating: 0, count: voxels)
    sizes = labels
    resolution = [Float](repeating: .nan, count: voxels)
  }

  /// Gives a voxel the values of its bin.
  mutating func set(_ result: VoxelResult, voxel: Int, bin: Int32, size: UInt32, resolution width: Float) {
    values.x[voxel] = Float(result.fit.x)
    values.sigma[voxel] = Float(result.fit.sigma)
    values.ratio[voxel] = Float(result.ratio)
    values.deviance[voxel] = Float(result.fit.deviance)
    values.expectedDeviance[voxel] = Float(result.fit.expectedDeviance)
    values.mask[voxel] = result.fit.status.rawValue
    labels[voxel] = UInt32(bin) + 1
    sizes[voxel] = size
    resolution[voxel] = width
  }

  /// Marks a voxel that no bin took: if nothing else is said of it, it holds nothing of the active material.
  mutating func mask(_ voxel: Int) -> VoxelStatus {
    if values.mask[voxel] == VoxelStatus.good.rawValue { values.mask[voxel] = VoxelStatus.empty.rawValue }
    return VoxelStatus(rawValue: values.mask[voxel]) ?? .empty
  }

  /// Adds a box that follows in the order of the grid.
  mutating func append(_ next: BinnedBox) {
    values.x += next.values.x
    values.sigma += next.values.sigma
    values.intensity += next.values.intensity
    values.ratio += next.values.ratio
    values.deviance += next.values.deviance
    values.expectedDeviance += next.values.expectedDeviance
    values.mask += next.values.mask
    labels += next.labels
    sizes += next.sizes
    resolution += next.resolution
  }
}
