public import Volumetry

/// Which slice of a volume.
public struct SlicePlane: Sendable, Hashable {
  /// Where along the axis.
  public enum Place: Sendable, Hashable {
    /// Number of the slice from 0.
    case index(Int)
    /// Micrometres along the axis, in the frame of the grid.
    case position(Double)
    case middle
  }

  /// The axis that the slice is cut across.
  public var axis: Axis
  public var place: Place

  public init(_ axis: Axis = .z, _ place: Place = .middle) {
    self.axis = axis
    self.place = place
  }

  public static func index(_ axis: Axis, _ index: Int) -> SlicePlane { SlicePlane(axis, .index(index)) }
  public static func position(_ axis: Axis, um: Double) -> SlicePlane { SlicePlane(axis, .position(um)) }
  public static func middle(_ axis: Axis) -> SlicePlane { SlicePlane(axis, .middle) }

  /// Number of the slice in a grid.
  ///
  /// - Throws: `usage` where the grid has no such slice.
  public func index(in grid: Grid, name: String? = nil) throws(VoxelithError) -> Int {
    let count = grid.shape[axis]
    switch place {
    case .middle: return count / 2
    case .index(let index):
      guard (0..<count).contains(index) else {
        throw VoxelithError(
          .usage, "there is no slice \(axis.rawValue) = \(index)", file: name,
          advice: "the volume has slices 0 to \(count - 1) along \(axis.rawValue)")
      }
      return index
    case .position(let position):
      let spacing = grid.spacing(along: axis)
      let origin = grid.origin(along: axis)
      let index = (position - origin) / spacing
      guard position.isFinite, index >= 0, index <= Double(count) else {
        throw VoxelithError(
          .usage, "there is no slice at \(axis.rawValue) = \(Ticks.number(position)) µm", file: name,
          advice: "the volume reaches from \(Ticks.number(origin)) to "
            + "\(Ticks.number(origin + Double(count) * spacing)) µm along \(axis.rawValue)")
      }
      return min(count - 1, Int(index))
    }
  }
}

extension Grid {
  /// Outer border of the first voxel along an axis in micrometres.
  package func origin(along axis: Axis) -> Double {
    switch axis {
    case .z: origin.z
    case .y: origin.y
    case .x: origin.x
    }
  }
}
