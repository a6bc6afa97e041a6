/// A volume that is held in memory: voxels in the order z, y, x (x fastest) on a grid.
public struct Volume<Element: VoxelElement>: Sendable {
  public let grid: Grid
  public private(set) var voxels: [Element]

  /// - Precondition: `voxels.count` is the number of voxels of the grid.
  public init(grid: Grid, voxels: [Element]) {
    precondition(voxels.count == grid.shape.count, "a volume needs one value per voxel")
    self.grid = grid
    self.voxels = voxels
  }

  public init(grid: Grid, repeating value: Element) {
    self.grid = grid
    self.voxels = [Element](repeating: value, count: grid.shape.count)
  }

  public var shape: Shape { grid.shape }

  public subscript(z: Int, y: Int, x: Int) -> Element {
    get { voxels[shape.index(z: z, y: y, x: x)] }
    set { voxels[shape.index(z: z, y: y, x: x)] = newValue }
  }

  /// Lends the voxels for change in place.
  public mutating func withVoxels<Result>(_ body: (inout [Element]) throws -> Result) rethrows -> Result {
    try body(&voxels)
  }

  /// The voxels of a box, x fastest.
  public func crop(_ region: Region) -> [Element] {
    precondition(region.fits(in: shape), "the region lies outside the volume")
    if region.shape == shape { return voxels }
    var result: [Element] = []
    result.reserveCapacity(region.count)
    for z in region.z {
      for y in region.y {
        let start = shape.index(z: z, y: y, x: region.x.lowerBound)
        result.append(contentsOf: voxels[start..<(start + region.shape.x)])
      }
    }
    return result
  }

  /// Writes the voxels of a box, x fastest.
  public mutating func paste(_ values: [Element], into region: Region) {
    precondition(region.fits(in: shape) && values.count == region.count)
    var source = 0
    for z in region.z {
      for y in region.y {
        let start = shape.index(z: z, y: y, x: region.x.lowerBound)
        for x in 0..<region.shape.x { voxels[start + x] = values[source + x] }
        source += region.shape.x
      }
    }
  }
}

/// A volume of phase labels.
public typealias LabelVolume = Volume<UInt16>

extension Volume: Equatable {
  public static func == (left: Volume, right: Volume) -> Bool {
    left.grid == right.grid && left.voxels == right.voxels
  }
}
