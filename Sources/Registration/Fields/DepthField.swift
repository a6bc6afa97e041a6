public import Volumetry

/// Distance of every voxel of the coarse grid from a plane of the fine volume, in um: how deep it lies in
/// the electrode. A mean over a voxel and a symmetric point spread is the value at its centre.
public struct DepthField: VolumeSource {
  public let grid: Grid
  public let transform: SpatialTransform
  /// Axis of the fine volume along which depth is counted.
  public let axis: Axis
  /// Where depth is zero, as a coordinate of the fine volume in um.
  public let surface: Double
  /// Whether depth grows against the axis.
  public let isReversed: Bool
  public var voxelType: VoxelType { .float32 }
  public var chunkShape: Shape { Shape(z: 1, y: grid.shape.y, x: grid.shape.x) }
  public var name: String { "depth" }

  public init(
    grid: Grid, transform: SpatialTransform, axis: Axis = .z, surface: Double, isReversed: Bool = false
  ) {
    self.grid = grid
    self.transform = transform
    self.axis = axis
    self.surface = surface
    self.isReversed = isReversed
  }

  public func read(_ region: Region) throws(VoxelithError) -> VoxelBuffer {
    try checkRegion(region)
    var result: [Float] = []
    result.reserveCapacity(region.count)
    for z in region.z {
      for y in region.y {
        for x in region.x {
          let point = transform(grid.center(z: z, y: y, x: x))
          let along =
            switch axis {
            case .x: point.x
            case .y: point.y
            case .z: point.z
            }
          result.append(Float(isReversed ? surface - along : along - surface))
        }
      }
    }
    return .float32(result)
  }
}
