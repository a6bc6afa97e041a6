/// An axis of a plot: its label, range and scale.
public struct PlotAxis: Sendable, Hashable {
  public var label: RichText
  /// What the axis shows; nil fits the data with a margin.
  public var range: ClosedRange<Double>?
  public var isLogarithmic: Bool
  /// Runs the other way: depth downwards.
  public var isReversed: Bool

  public init(
    _ label: RichText, range: ClosedRange<Double>? = nil, logarithmic: Bool = false, reversed: Bool = false
  ) {
    self.label = label
    self.range = range
    self.isLogarithmic = logarithmic
    self.isReversed = reversed
  }

  /// The range to draw for data between two values.
  func resolved(_ lower: Double, _ upper: Double, margin: Double = 0.05) -> ClosedRange<Double> {
    if let range, range.lowerBound < range.upperBound, !isLogarithmic || range.lowerBound > 0 { return range }
    guard lower.isFinite, upper.isFinite, lower <= upper else { return isLogarithmic ? 0.1...10 : 0...1 }
    // Five digits of a Float are sure, and labels that differ in later ones say nothing.
    let isConstant = upper - lower <= 1e-5 * max(abs(lower), abs(upper))
    if isLogarithmic {
      let low = max(lower, .leastNormalMagnitude)
      let high = max(upper, low)
      let factor = isConstant ? 2 : power(high / low, margin)
      return (low / factor)...(high * factor)
    }
    if isConstant {
      let half = lower == 0 && upper == 0 ? 1 : max(abs(lower), abs(upper)) * 0.1
      return (lower - half)...(upper + half)
    }
    return (lower - margin * (upper - lower))...(upper + margin * (upper - lower))
  }
}

/// Values of an axis to places along the page.
struct AxisMapping {
  let range: ClosedRange<Double>
  let isLogarithmic: Bool
  let start: Double
  let end: Double

  init(_ axis: PlotAxis, _ range: ClosedRange<Double>, from start: Double, to end: Double) {
    self.range = range
    isLogarithmic = axis.isLogarithmic
    self.start = axis.isReversed ? end : start
    self.end = axis.isReversed ? start : end
  }

  /// Place of a value; values that a logarithmic axis cannot show lie far outside on the lower side.
  func callAsFunction(_ value: Double) -> Double {
    let fraction: Double
    if isLogarithmic {
      let low = naturalLog(range.lowerBound)
      fraction = value > 0 ? (naturalLog(value) - low) / (naturalLog(range.upperBound) - low) : -1
    } else {
      fraction = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    }
    return start + (end - start) * min(max(fraction, -20), 20)
  }

  func ticks(atMost count: Int) -> Ticks {
    isLogarithmic
      ? .logarithmic(range.lowerBound, range.upperBound, atMost: count)
      : .linear(range.lowerBound, range.upperBound, atMost: count)
  }

  /// Ticks with labels that stand apart by a gap when written side by side.
  func horizontalTicks(font: Font, gap: Double) -> Ticks {
    for count in stride(from: 9, through: 2, by: -1) {
      let ticks = self.ticks(atMost: count)
      let spans = ticks.ticks.map { tick in
        let half = TextLayout.width(tick.label, font: font) / 2
        return (self(tick.value) - half, self(tick.value) + half)
      }.sorted { $0.0 < $1.0 }
      if zip(spans, spans.dropFirst()).allSatisfy({ $0.1 + gap <= $1.0 }) { return ticks }
    }
    return self.ticks(atMost: 2)
  }

  func verticalTicks(font: Font) -> Ticks {
    ticks(atMost: max(3, Int(abs(end - start) / (font.size * 2.4))))
  }
}
