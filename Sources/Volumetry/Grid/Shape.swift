/// Number of voxels along each axis, in the order z, y, x of the arrays (x varies fastest).
public struct Shape: Sendable, Hashable, Codable, CustomStringConvertible {
  public var z: Int
  public var y: Int
  public var x: Int

  public init(z: Int, y: Int, x: Int) {
    self.z = z
    self.y = y
    self.x = x
  }

  /// Number of voxels. Traps on overflow; use ``checkedCount`` for sizes that come from a file.
  public var count: Int { z * y * x }

  /// Number of voxels, or nil where a side is negative or the product overflows.
  public var checkedCount: Int? {
    guard z >= 0, y >= 0, x >= 0 else { return nil }
    let (zy, firstOverflow) = z.multipliedReportingOverflow(by: y)
    let (zyx, secondOverflow) = zy.multipliedReportingOverflow(by: x)
    return firstOverflow || secondOverflow ? nil : zyx
  }

  public var isEmpty: Bool { z <= 0 || y <= 0 || x <= 0 }

  /// Position of a voxel in the array.
  public func index(z: Int, y: Int, x: Int) -> Int { (z * self.y + y) * self.x + x }

  /// Sides along an axis number: 0 is z, 1 is y, 2 is x.
  public subscript(axis: Axis) -> Int {
    get {
      switch axis {
      case .z: z
      case .y: y
      case .x: x
      }
    }
    set {
      switch axis {
      case .z: z = newValue
      case .y: y = newValue
      case .x: x = newValue
      }
    }
  }

  /// As written in messages: `z x y x x` of the sides.
  public var description: String { "\(z)x\(y)x\(x)" }
}

/// An axis of an array.
public enum Axis: String, Sendable, Hashable, Codable, CaseIterable {
  case z, y, x
}
