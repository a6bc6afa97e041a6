public import Volumetry

/// A grey volume as the labels that thresholds give it: class k holds the values above k of them.
public struct ThresholdView: VolumeSource {
  public let source: any VolumeSource
  public let mask: (any VolumeSource)?
  /// In rising order.
  public let thresholds: [Double]
  /// Label of voxels outside the mask and of missing voxels.
  public let outsideLabel: UInt8

  public init(
    _ source: any VolumeSource, mask: (any VolumeSource)? = nil, thresholds: [Double],
    outsideLabel: UInt8 = 255
  ) throws(VoxelithError) {
    try checkMask(mask, of: source)
    self.source = source
    self.mask = mask
    self.thresholds = thresholds
    self.outsideLabel = outsideLabel
  }

  public var grid: Grid { source.grid }
  public var voxelType: VoxelType { .uint8 }
  public var chunkShape: Shape { source.chunkShape }
  public var name: String { source.name }

  public func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    let values = try source.readFloats(region)
    var labels = [UInt8](repeating: 0, count: values.count)
    for threshold in thresholds {
      let limit = Float(threshold)
      for i in values.indices where values[i] > limit { labels[i] += 1 }
    }
    for i in values.indices where !values[i].isFinite { labels[i] = outsideLabel }
    if let mask {
      let weights = try mask.readFloats(region)
      for i in weights.indices where !(weights[i] > 0) { labels[i] = outsideLabel }
    }
    return .uint8(labels)
  }
}
