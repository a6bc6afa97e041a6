/// Count, mean, variance and range of a stream of values; NaN is counted apart (Welford; Chan, Golub
/// and LeVeque for the merge).
public struct Moments: Sendable, Hashable, Codable {
  public private(set) var count = 0
  public private(set) var missing = 0
  public private(set) var mean = 0.0
  private var squares = 0.0
  public private(set) var minimum = Double.infinity
  public private(set) var maximum = -Double.infinity

  public init() {}

  public mutating func add(_ value: Double) {
    if value.isNaN {
      missing += 1
      return
    }
    count += 1
    let delta = value - mean
    mean += delta / Double(count)
    squares += delta * (value - mean)
    minimum = min(minimum, value)
    maximum = max(maximum, value)
  }

  public mutating func merge(_ other: Moments) {
    missing += other.missing
    guard other.count > 0 else { return }
    let total = Double(count + other.count)
    let delta = other.mean - mean
    squares += other.squares + delta * delta * Double(count) * Double(other.count) / total
    mean += delta * Double(other.count) / total
    count += other.count
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
  }

  /// Unbiased variance; NaN below two values.
  public var variance: Double { count > 1 ? squares / Double(count - 1) : .nan }
  public var standardDeviation: Double { variance.squareRoot() }
}

/// Order statistics.
public enum Quantiles {
  /// Linear interpolation between order statistics (type 7 of Hyndman and Fan); NaN for no values.
  /// NaN among the values are left out.
  public static func quantile(_ values: [Double], _ p: Double) -> Double {
    let sorted = values.filter { !$0.isNaN }.sorted()
    return quantile(sorted: sorted, p)
  }

  /// The same for values that are already sorted and free of NaN.
  public static func quantile(sorted: [Double], _ p: Double) -> Double {
    guard !sorted.isEmpty else { return .nan }
    let position = min(max(p, 0), 1) * Double(sorted.count - 1)
    let lower = Int(position)
    let upper = min(lower + 1, sorted.count - 1)
    return sorted[lower] + (position - Double(lower)) * (sorted[upper] - sorted[lower])
  }

  public static func median(_ values: [Double]) -> Double { quantile(values, 0.5) }
}
