/// A view of a volume in which the few values far outside all others count as the ends of those.
public struct ClampedSource: VolumeSource {
  public let source: any VolumeSource
  public let outliers: ValueOutliers
  public var grid: Grid { source.grid }
  public var voxelType: VoxelType { .float32 }
  public var chunkShape: Shape { source.chunkShape }
  public var name: String { source.name }

  init(_ source: any VolumeSource, _ outliers: ValueOutliers) {
    self.source = source
    self.outliers = outliers
  }

  public func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    let (low, high) = (Float(outliers.lower), Float(outliers.upper))
    // NaN stays: it is neither above nor below.
    return .float32(
      try source.readFloats(region).map {
        $0 > high && $0.isFinite ? high : $0 < low && $0.isFinite ? low : $0
      })
  }

  /// The volume as it is where no value lies far outside, else the view. Reads the volume once; values of one byte never lie far outside.
  public static func of(
    _ source: any VolumeSource, resources: Resources
  ) throws(VoxelithError) -> (source: any VolumeSource, outliers: ValueOutliers?) {
    guard source.voxelType.size > 1,
      let found = try ValueRanks(source, resources: resources).outliers
    else { return (source, nil) }
    return (ClampedSource(source, found), found)
  }
}
