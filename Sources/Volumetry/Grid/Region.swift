/// A box of voxels within a grid: from `lower` (included) to `lower + shape` (excluded).
public struct Region: Sendable, Hashable, CustomStringConvertible {
  /// First voxel of the box.
  public var lower: Shape
  /// Sides of the box.
  public var shape: Shape

  public init(lower: Shape, shape: Shape) {
    self.lower = lower
    self.shape = shape
  }

  /// The box that covers a whole grid.
  public init(whole shape: Shape) {
    self.init(lower: Shape(z: 0, y: 0, x: 0), shape: shape)
  }

  /// Full slices `z` of a grid.
  public init(slices z: Range<Int>, of shape: Shape) {
    self.init(
      lower: Shape(z: z.lowerBound, y: 0, x: 0), shape: Shape(z: z.count, y: shape.y, x: shape.x))
  }

  public var z: Range<Int> { lower.z..<(lower.z + shape.z) }
  public var y: Range<Int> { lower.y..<(lower.y + shape.y) }
  public var x: Range<Int> { lower.x..<(lower.x + shape.x) }
  public var count: Int { shape.count }

  /// The box grown by `halo` voxels on each side and cut at the border of `bounds`.
  public func grown(by halo: Shape, within bounds: Shape) -> Region {
    func grow(_ range: Range<Int>, _ halo: Int, _ bound: Int) -> Range<Int> {
      max(0, range.lowerBound - halo)..<min(bound, range.upperBound + halo)
    }
    let z = grow(z, halo.z, bounds.z)
    let y = grow(y, halo.y, bounds.y)
    let x = grow(x, halo.x, bounds.x)
    return Region(
      lower: Shape(z: z.lowerBound, y: y.lowerBound, x: x.lowerBound),
      shape: Shape(z: z.count, y: y.count, x: x.count))
  }

  /// The box in coordinates that start at the lower corner of `outer`.
  public func relative(to outer: Region) -> Region {
    Region(
      lower: Shape(
        z: lower.z - outer.lower.z, y: lower.y - outer.lower.y, x: lower.x - outer.lower.x),
      shape: shape)
  }

  /// Whether the box lies inside a grid of shape `bounds`.
  public func fits(in bounds: Shape) -> Bool {
    lower.z >= 0 && lower.y >= 0 && lower.x >= 0 && shape.z >= 0 && shape.y >= 0 && shape.x >= 0
      && lower.z + shape.z <= bounds.z && lower.y + shape.y <= bounds.y
      && lower.x + shape.x <= bounds.x
  }

  public var description: String { "z \(z), y \(y), x \(x)" }
}
