/// The unit in which a span of time reads well.
struct TimeScale {
  /// Seconds in it.
  let unit: Double
  let name: String

  var label: String { "time (\(name))" }

  init(_ seconds: [Double]) {
    let longest = (seconds.max() ?? 0) - (seconds.min() ?? 0)
    (unit, name) = longest > 7200 ? (3600, "h") : longest > 300 ? (60, "min") : (1, "s")
  }
}
