public import Volumetry

/// Which values the ends of a colour map or of an axis stand for.
public enum ValueRange: Sendable, Hashable {
  /// Between two quantiles of the finite values, so that single outliers do not flatten the picture.
  case quantiles(Double, Double)
  /// Every finite value.
  case full
  case fixed(Double, Double)

  /// From the 0.5 % to the 99.5 % quantile.
  public static let automatic = ValueRange.quantiles(0.005, 0.995)

  /// The two ends for given values. Values that are equal but for the rounding of Float get a range around them.
  ///
  /// - Throws: `data` where no value is finite, `usage` where the range that was asked for is empty.
  public func resolve(_ values: [Float], name: String? = nil) throws(VoxelithError) -> (Double, Double) {
    if case .fixed(let lower, let upper) = self {
      guard lower.isFinite, upper.isFinite, lower < upper else {
        throw VoxelithError(
          .usage, "the range of values from \(lower) to \(upper) is empty",
          advice: "give two numbers, the lower one first")
      }
      return (lower, upper)
    }
    let finite = values.filter(\.isFinite)
    guard !finite.isEmpty else {
      throw VoxelithError(
        .data, "the slice has no value to draw: every voxel is missing", file: name,
        advice: "choose another slice, or give the range of values")
    }
    var ends: (Double, Double)
    switch self {
    case .quantiles(let lower, let upper):
      guard lower >= 0, upper <= 1, lower < upper else {
        throw VoxelithError(.usage, "the quantiles \(lower) and \(upper) are not rising from 0 to 1")
      }
      let sorted = finite.map { Double($0) }.sorted()
      ends = (Quantiles.quantile(sorted: sorted, lower), Quantiles.quantile(sorted: sorted, upper))
    default:
      ends = (Double(finite.min() ?? 0), Double(finite.max() ?? 1))
    }
    // Five digits of a Float are sure; what differs less is its rounding, and colours would draw it as structure.
    if ends.1 - ends.0 <= 1e-5 * max(abs(ends.0), abs(ends.1)) {
      let half = ends.0 == 0 ? 1 : abs(ends.0) * 0.05
      ends = (ends.0 - half, ends.1 + half)
    }
    return ends
  }
}
