import Foundation
public import Volumetry

/// Projections of a turning sample, by parallel rays or through a pinhole.
///
/// At the angle t a point of the sample falls on the column `center + (x cos t + z sin t) / pitch`, with x and z measured from the
/// axis of rotation: a positive angle turns the sample from x towards -z about +y, by the right hand. At t = 0 column and voxel x
/// are the same.
///
/// A pinhole stands before the middle of the columns. A point that lies by `-x sin t + z cos t` behind the axis, seen from there, falls
/// nearer to the middle, and a column holds less of it, by the distance of the pinhole from the axis over that from the point.
public struct ProjectionGeometry: Sendable, Hashable {
  /// Sense in which positive angles turn the sample about the axis y.
  public enum Sense: String, Sendable, Hashable, Codable, CaseIterable {
    /// By the right hand about +y: columns show x cos t + z sin t.
    case right
    /// By the left hand: columns show x cos t - z sin t.
    case left
  }

  /// Angles in radians, with the sense taken into account.
  public let angles: [Double]
  /// Columns of a projection, which is also the side of the slices in voxels.
  public let columns: Int
  /// Column, counted from the centre of the first, that the axis of rotation falls on.
  public let center: Double
  /// Distance of the pinhole from the axis, in columns (their pitch is that at the axis); nil for parallel rays.
  public let pinhole: Double?

  /// - Parameters:
  ///   - degrees: angles in degrees.
  ///   - center: column of the axis; the middle if nil.
  ///   - pinhole: distance of the pinhole from the axis, in columns; nil for parallel rays.
  /// - Throws: `data` where there are too few angles, they are no numbers or repeat (half a turn counts as a repeat only where it
  ///   is a whole turn away), or do not cover half a turn at all.
  public init(
    degrees: [Double], columns: Int, center: Double? = nil, sense: Sense = .right,
    pinhole: Double? = nil
  ) throws(VoxelithError) {
    guard columns >= 4 else {
      throw VoxelithError(.data, "projections of \(columns) columns show no slice")
    }
    if let bad = degrees.firstIndex(where: { !$0.isFinite }) {
      throw VoxelithError(.data, "the angle of projection \(bad) (from 0) is not a number")
    }
    guard degrees.count >= 3 else {
      throw VoxelithError(.data, "\(degrees.count) angles are too few")
    }
    let sorted = degrees.map { Self.wrapped($0, 360) }.sorted()
    let gaps = zip(sorted, sorted.dropFirst() + [sorted[0] + 360]).map { $1 - $0 }
    if let least = gaps.min(), least < 1e-3 {
      let place = zip(sorted, gaps).first { $1 < 1e-3 }?.0 ?? 0
      throw VoxelithError(
        .data, "the angle \(place) deg is there more than once",
        advice: "add up the projections of one angle, or leave out the last of a full turn")
    }
    let covered = 180 - Self.largestGap(degrees)
    guard covered >= Self.leastCovered else {
      throw VoxelithError(
        .data, "the angles cover \(Int(covered.rounded())) degrees of half a turn, which shows no slice",
        advice: "check the unit of the angles: degrees or radians")
    }
    let middle = 0.5 * Double(columns - 1)
    let center = center ?? middle
    guard center > 0, center < Double(columns - 1) else {
      throw VoxelithError(
        .usage, "the axis of rotation falls on column \(center), outside of the \(columns) columns")
    }
    if let pinhole, !(pinhole >= Self.leastPinhole * Double(columns)) {
      throw VoxelithError(
        .usage,
        "a pinhole \(pinhole) columns from the axis is too near to a sample of \(columns) columns: \(Self.leastPinhole) times the field at least"
      )
    }
    let sign = sense == .right ? 1.0 : -1.0
    angles = degrees.map { sign * $0 * .pi / 180 }
    self.columns = columns
    self.center = center
    self.pinhole = pinhole
  }

  /// A voxel at the corner is then seen twice as large as at the axis at most.
  private static let leastPinhole = 2.5

  /// Column that a point falls on, and how much larger than at the axis it is seen there.
  ///
  /// - Parameters:
  ///   - x, z: from the axis, in columns.
  ///   - center: column of the axis.
  package func seen(x: Double, z: Double, angle: Double, center: Double) -> (column: Double, size: Double) {
    let across = x * cos(angle) + z * sin(angle)
    guard let pinhole else { return (center + across, 1) }
    let size = pinhole / (pinhole + z * cos(angle) - x * sin(angle))
    let middle = 0.5 * Double(columns - 1)
    return (middle + (center - middle + across) * size, size)
  }

  private static func wrapped(_ value: Double, _ period: Double) -> Double {
    let rest = value.truncatingRemainder(dividingBy: period)
    return rest < 0 ? rest + period : rest
  }

  /// The largest gap between directions of view in degrees (a view from behind is the same); even angles over half a turn leave
  /// 180 / n.
  public var largestGap: Double { Self.largestGap(angles.map { $0 * 180 / .pi }) }

  /// The largest gap between angles of a whole turn, in degrees.
  public var largestTurn: Double {
    let sorted = angles.map { Self.wrapped($0 * 180 / .pi, 360) }.sorted()
    return zip(sorted, sorted.dropFirst() + [sorted[0] + 360]).map { $1 - $0 }.max() ?? 360
  }

  /// Directions within less than this, in degrees, are one view.
  private static let leastCovered = 10.0

  private static func largestGap(_ degrees: [Double]) -> Double {
    let views = degrees.map { wrapped($0, 180) }.sorted()
    return zip(views, views.dropFirst() + [views[0] + 180]).map { $1 - $0 }.max() ?? 180
  }

  /// Distinct directions of view.
  public var views: Int {
    let views = angles.map { Self.wrapped($0 * 180 / .pi, 180) }.sorted()
    return zip(views, views.dropFirst() + [views[0] + 180]).count { $1 - $0 > 1e-3 }
  }
}
