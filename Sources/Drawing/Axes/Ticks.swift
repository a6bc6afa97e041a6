import Foundation

/// Places and labels of the ticks of an axis or colour bar.
public struct Ticks: Sendable, Hashable {
  public struct Tick: Sendable, Hashable {
    public let value: Double
    public let label: RichText
  }

  public let ticks: [Tick]
  /// Unlabelled places between them.
  public let minor: [Double]

  /// Ticks at multiples of 1, 2 or 5 times a power of ten, at most `count` of them and no fewer than two where the
  /// range allows.
  public static func linear(_ lower: Double, _ upper: Double, atMost count: Int) -> Ticks {
    guard lower.isFinite, upper.isFinite, upper > lower else { return Ticks(ticks: [], minor: []) }
    let step = niceStep(lower, upper, atMost: max(2, count))
    let first = (lower / step.value - 1e-9).rounded(.up)
    let last = (upper / step.value + 1e-9).rounded(.down)
    guard first <= last, last - first < 1000 else { return Ticks(ticks: [], minor: []) }
    let values = stride(from: first, through: last, by: 1).map { $0 * step.value }
    let labels = self.labels(values, step: step.value)
    let part = step.value / Double(step.parts)
    let minorFirst = (lower / part - 1e-9).rounded(.up)
    let minor = stride(from: minorFirst, through: (upper / part + 1e-9).rounded(.down), by: 1)
      .filter { $0.truncatingRemainder(dividingBy: Double(step.parts)) != 0 }.map { $0 * part }
    return Ticks(ticks: zip(values, labels).map { Tick(value: $0, label: $1) }, minor: minor)
  }

  /// Ticks at powers of ten, thinned to at most `count`; below two decades also at 2 and 5 times them.
  public static func logarithmic(_ lower: Double, _ upper: Double, atMost count: Int) -> Ticks {
    guard lower > 0, upper > lower, upper.isFinite else { return Ticks(ticks: [], minor: []) }
    let low = Int((log10(lower) - 1e-9).rounded(.up))
    let high = Int((log10(upper) + 1e-9).rounded(.down))
    let decades = high - low + 1
    if decades < 2 {
      var values: [Double] = []
      for decade in (low - 1)...max(low - 1, high) {
        for factor in [1.0, 2, 5] {
          let value = factor * power(10, Double(decade))
          if value >= lower * (1 - 1e-9) && value <= upper * (1 + 1e-9) { values.append(value) }
        }
      }
      // Between two of them lies an axis that is as good as linear.
      if values.count < 2 { return linear(lower, upper, atMost: count) }
      return Ticks(
        ticks: values.map { Tick(value: $0, label: RichText(plain: number($0))) }, minor: [])
    }
    let every = max(1, (decades + count - 1) / max(1, count))
    let ticks = stride(from: low, through: high, by: every).map { decade in
      Tick(
        value: power(10, Double(decade)),
        label: (-3...3).contains(low) && (-3...3).contains(high)
          ? RichText(plain: number(power(10, Double(decade))))
          : RichText(runs: [.init(text: "10", level: .normal), .init(text: signed(decade), level: .upper)]))
    }
    var minor: [Double] = []
    if every == 1 && decades <= 8 {
      for decade in (low - 1)...high {
        for factor in 2...9 {
          let value = Double(factor) * power(10, Double(decade))
          if value >= lower && value <= upper { minor.append(value) }
        }
      }
    }
    return Ticks(ticks: ticks, minor: minor)
  }

  /// The largest of 1, 2, 5 times a power of ten that is not above `limit`.
  public static func preferred(notAbove limit: Double) -> Double {
    guard limit > 0, limit.isFinite else { return 1 }
    let decade = power(10, log10(limit).rounded(.down))
    for factor in [10.0, 5, 2, 1] where factor * decade <= limit * (1 + 1e-9) { return factor * decade }
    return decade / 2
  }

  private static func niceStep(
    _ lower: Double, _ upper: Double, atMost count: Int
  ) -> (value: Double, parts: Int) {
    let span = upper - lower
    let rough = span / Double(count)
    let decade = power(10, log10(rough).rounded(.down))
    for (factor, parts) in [(1.0, 5), (2.0, 4), (5.0, 5), (10.0, 5)] {
      let step = factor * decade
      let multiples = (upper / step + 1e-9).rounded(.down) - (lower / step - 1e-9).rounded(.up) + 1
      if multiples <= Double(count) { return (step, parts) }
    }
    return (20 * decade, 4)
  }

  /// Labels with as many decimals as the step needs; very large and very small numbers share a power of ten.
  static func labels(_ values: [Double], step: Double) -> [RichText] {
    let largest = values.map { abs($0) }.max() ?? 0
    let exponent = largest > 0 ? Int(log10(largest).rounded(.down)) : 0
    let scale = power(10, Double(exponent))
    let scaled = max(0, Int((-log10(step / scale) - 1e-9).rounded(.up)))
    // All digits of a number are shorter than most of them with a power of ten.
    let isWhole = step >= 1 && exponent <= 8 && scaled > 3
    if (exponent >= 5 && !isWhole) || exponent <= -4 {
      let digits = scaled
      return values.map { value in
        guard value != 0 else { return RichText(plain: "0") }
        let mantissa = minus(fixed(value / scale, digits))
        return RichText(runs: [
          .init(text: mantissa == "1" ? "10" : mantissa + "\u{00D7}10", level: .normal),
          .init(text: signed(exponent), level: .upper),
        ])
      }
    }
    let digits = max(0, Int((-log10(step) - 1e-9).rounded(.up)))
    return values.map { RichText(plain: minus(fixed($0, digits))) }
  }

  static func signed(_ exponent: Int) -> String { minus("\(exponent)") }
  package static func minus(_ text: String) -> String {
    text.hasPrefix("-") ? "\u{2212}" + text.dropFirst() : text
  }

  /// A p value with its sign: `= 0.013`; what is below 1e-12 is told as that, since no test is exact so far out.
  public static func probability(_ value: Double) -> String {
    value < 1e-12 ? "< 1e\u{2212}12" : "= " + number(value, digits: 2)
  }

  /// A number as people write it: up to `digits` significant digits, no needless zeros.
  public static func number(_ value: Double, digits: Int = 4) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "\u{2212}\u{221E}" : "\u{221E}" }
    guard value != 0 else { return "0" }
    let exponent = Int(log10(abs(value)).rounded(.down))
    if exponent >= 6 || exponent < -4 {
      return minus(decimal(value / power(10, Double(exponent)), digits - 1)) + "e" + "\(exponent)"
    }
    return minus(decimal(value, max(0, digits - 1 - exponent)))
  }
}
