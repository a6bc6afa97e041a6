extension Volume: VolumeSource {
  public var voxelType: VoxelType { Element.voxelType }
  public var chunkShape: Shape { Shape(z: 1, y: shape.y, x: shape.x) }
  public var name: String { "volume in memory" }

  public func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    return Element.buffer(crop(region))
  }
}
