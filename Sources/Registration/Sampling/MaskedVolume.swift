public import Volumetry

/// A view of a volume in which the voxels outside a mask are missing (NaN).
public struct MaskedVolume: VolumeSource {
  public let source: any VolumeSource
  /// Zero or NaN outside.
  public let mask: any VolumeSource
  public var grid: Grid { source.grid }
  public var voxelType: VoxelType { .float32 }
  public var chunkShape: Shape { source.chunkShape }
  public var name: String { source.name }

  /// - Throws: `data` where the shapes differ.
  public init(_ source: any VolumeSource, mask: any VolumeSource) throws(VoxelithError) {
    guard source.grid.shape == mask.grid.shape else {
      throw VoxelithError(
        .data, "the mask has \(mask.grid.shape) voxels and the volume \(source.grid.shape)", file: mask.name,
        advice: "give a mask on the grid of the volume")
    }
    self.source = source
    self.mask = mask
  }

  public func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    var values = try source.readFloats(region)
    let inside = try mask.readFloats(region)
    for i in values.indices where inside[i] == 0 || inside[i].isNaN { values[i] = .nan }
    return .float32(values)
  }
}
