public import Volumetry

/// One set of data in a plot.
public struct Series: Sendable {
  public enum Marker: Sendable, Hashable { case circle, square, triangle, ring }
  public enum Dash: Sendable, Hashable { case solid, dashed, dotted }
  public enum Shape: Sendable {
    case line(x: [Double], y: [Double], Dash)
    case points(x: [Double], y: [Double], xErrors: [Double]?, yErrors: [Double]?, Marker)
    case band(x: [Double], lower: [Double], upper: [Double])
    /// Heights over the intervals between edges, of which there is one more.
    case bars(edges: [Double], heights: [Double])
    case horizontalRule(Double)
    case verticalRule(Double)
    case density(Density)
  }

  public var shape: Shape
  /// Name in the legend; nil leaves it out.
  public var label: RichText?
  /// Nil takes the next colour of the palette.
  public var color: Color?
  public var opacity = 1.0

  public init(_ shape: Shape, label: RichText? = nil, color: Color? = nil, opacity: Double = 1) {
    self.shape = shape
    self.label = label
    self.color = color
    self.opacity = opacity
  }

  /// A curve; NaN interrupts it.
  public static func line(
    _ x: [Double], _ y: [Double], label: RichText? = nil, color: Color? = nil, dash: Dash = .solid
  ) -> Series {
    Series(.line(x: x, y: y, dash), label: label, color: color)
  }

  /// Points with their standard errors.
  public static func points(
    _ x: [Double], _ y: [Double], xErrors: [Double]? = nil, yErrors: [Double]? = nil, label: RichText? = nil,
    color: Color? = nil, marker: Marker = .circle, opacity: Double = 1
  ) -> Series {
    Series(
      .points(x: x, y: y, xErrors: xErrors, yErrors: yErrors, marker), label: label, color: color,
      opacity: opacity)
  }

  /// The area between two curves.
  public static func band(
    _ x: [Double], lower: [Double], upper: [Double], label: RichText? = nil, color: Color? = nil
  ) -> Series {
    Series(.band(x: x, lower: lower, upper: upper), label: label, color: color, opacity: 0.25)
  }

  /// Columns of a histogram.
  public static func bars(
    edges: [Double], heights: [Double], label: RichText? = nil, color: Color? = nil
  ) -> Series {
    Series(.bars(edges: edges, heights: heights), label: label, color: color, opacity: 0.6)
  }

  /// A function drawn through `count` points.
  public static func curve(
    over range: ClosedRange<Double>, count: Int = 201, label: RichText? = nil, color: Color? = nil,
    dash: Dash = .solid, _ function: (Double) -> Double
  ) -> Series {
    let x = (0..<count).map {
      range.lowerBound + (range.upperBound - range.lowerBound) * Double($0) / Double(max(1, count - 1))
    }
    return .line(x, x.map(function), label: label, color: color, dash: dash)
  }

  public static func horizontalRule(_ y: Double, label: RichText? = nil) -> Series {
    Series(.horizontalRule(y), label: label, color: Color(grey: 0.35))
  }

  public static func verticalRule(_ x: Double, label: RichText? = nil) -> Series {
    Series(.verticalRule(x), label: label, color: Color(grey: 0.35))
  }

  public static func density(_ density: Density) -> Series { Series(.density(density)) }

  /// Smallest and largest finite values along x and y that the axes must show.
  func extent(positiveX: Bool, positiveY: Bool) -> (x: Moments, y: Moments) {
    var xs = Moments()
    var ys = Moments()
    func addX(_ value: Double) { if value.isFinite, !positiveX || value > 0 { xs.add(value) } }
    func addY(_ value: Double) { if value.isFinite, !positiveY || value > 0 { ys.add(value) } }
    switch shape {
    case .line(let x, let y, _):
      x.forEach(addX)
      y.forEach(addY)
    case .points(let x, let y, let xErrors, let yErrors, _):
      for (i, value) in x.enumerated() {
        let error = xErrors.map { i < $0.count ? $0[i] : 0 } ?? 0
        addX(value - error)
        addX(value + error)
      }
      for (i, value) in y.enumerated() {
        let error = yErrors.map { i < $0.count ? $0[i] : 0 } ?? 0
        addY(value - error)
        addY(value + error)
      }
    case .band(let x, let lower, let upper):
      x.forEach(addX)
      lower.forEach(addY)
      upper.forEach(addY)
    case .bars(let edges, let heights):
      edges.forEach(addX)
      heights.forEach(addY)
      addY(0)
    case .horizontalRule(let y): addY(y)
    case .verticalRule(let x): addX(x)
    case .density(let density):
      [density.x.lowerBound, density.x.upperBound].forEach(addX)
      [density.y.lowerBound, density.y.upperBound].forEach(addY)
    }
    return (xs, ys)
  }
}
