extension Grid {
  /// Axes along which there is more than one voxel. A single image has two: what would be measured along the third does
  /// not exist.
  public var extendedAxes: [Axis] { Axis.allCases.filter { shape[$0] > 1 } }

  /// Whether something can be measured along an axis. A single voxel counts as a volume.
  public func extends(along axis: Axis) -> Bool { shape[axis] > 1 || extendedAxes.isEmpty }

  /// Sides of a voxel along the axes that exist, in micrometres: the thickness of a single image is none of its lengths.
  public var extendedSpacings: [Double] {
    Axis.allCases.filter { extends(along: $0) }.map { spacing(along: $0) }
  }

  /// The shortest of ``extendedSpacings``.
  public var shortestSide: Double { extendedSpacings.min() ?? spacing.min() }

  /// The longest of ``extendedSpacings``.
  public var longestSide: Double { extendedSpacings.max() ?? spacing.max() }

  /// Why there is no value along the axes that do not exist, by axis; empty in three dimensions.
  public var missingAxes: [String: String] {
    var reasons: [String: String] = [:]
    for axis in Axis.allCases where !extends(along: axis) {
      reasons[axis.rawValue] = "the volume is one voxel thick along \(axis)"
    }
    return reasons
  }
}
