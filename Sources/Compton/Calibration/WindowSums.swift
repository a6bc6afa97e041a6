/// Net counts in a window, how they change with x, and their variance.
struct WindowSums {
  private(set) var net = 0.0
  private(set) var slope = 0.0
  private(set) var variance = 0.0

  init() {}

  /// - Parameter weights: share of each bin that lies in the window.
  init(_ weights: [Double], net: [Double], slope: [Double], noise: [Double]) {
    for bin in weights.indices where weights[bin] > 0 {
      add(weights[bin], net: net[bin], slope: slope[bin], noise: noise[bin])
    }
  }

  mutating func add(_ weight: Double, net: Double, slope: Double, noise: Double) {
    self.net += weight * net
    self.slope += weight * slope
    variance += weight * weight * noise
  }

  static func - (left: WindowSums, right: WindowSums) -> WindowSums {
    var result = left
    result.net -= right.net
    result.slope -= right.slope
    result.variance -= right.variance
    return result
  }

  /// The ratio of the counts of two windows that share no bins: its value, how it changes with x, and its variance.
  static func ratio(
    _ inner: WindowSums, _ outer: WindowSums
  ) -> (value: Double, slope: Double, variance: Double) {
    let value = inner.net / outer.net
    return (
      value, (inner.slope - value * outer.slope) / outer.net,
      (inner.variance + value * value * outer.variance) / (outer.net * outer.net)
    )
  }
}
