import Volumetry

/// Curves, points, bands and columns between two axes.
public struct Plot: Panel {
  public enum LegendPlace: Sendable, Hashable {
    /// In the corner that hides nothing, else above the axes.
    case automatic
    case above
    case none
  }

  public var x: PlotAxis
  public var y: PlotAxis
  public var series: [Series]
  public var title: RichText?
  public var legend = LegendPlace.automatic
  /// Height of the plot as a part of its width.
  public var aspect: Double
  /// Words in the upper left corner within the axes: fit results and the like.
  public var notes: [RichText] = []
  /// Label of the colour bar of a density; nil for no bar.
  public var densityLabel: RichText?

  public init(
    x: PlotAxis, y: PlotAxis, title: RichText? = nil, aspect: Double = 0.72, _ series: [Series]
  ) {
    self.x = x
    self.y = y
    self.title = title
    self.aspect = aspect
    self.series = series
  }

  public var caption: String {
    [title?.plain ?? "", "\(y.label.plain) against \(x.label.plain)"].filter { !$0.isEmpty }
      .joined(separator: ", ")
  }

  public func height(forWidth width: Double, style: FigureStyle) -> Double { width * aspect }

  /// Colours of the series, in order.
  var colors: [Color] {
    var next = 0
    return series.map { series in
      if let color = series.color { return color }
      if case .density = series.shape { return .black }
      next += 1
      return FigureStyle.color(next - 1)
    }
  }

  /// What the axes show.
  var ranges: (x: ClosedRange<Double>, y: ClosedRange<Double>) {
    var xs = Moments()
    var ys = Moments()
    for one in series {
      let extent = one.extent(positiveX: x.isLogarithmic, positiveY: y.isLogarithmic)
      xs.merge(extent.x)
      ys.merge(extent.y)
    }
    let isDensity = series.contains { if case .density = $0.shape { true } else { false } }
    let hasBars = series.contains { if case .bars = $0.shape { true } else { false } }
    var vertical = y.resolved(ys.minimum, ys.maximum, margin: isDensity ? 0 : 0.05)
    if hasBars, y.range == nil, !y.isLogarithmic, ys.minimum >= 0 {
      vertical = 0...max(vertical.upperBound, .leastNormalMagnitude)
    }
    return (x.resolved(xs.minimum, xs.maximum, margin: isDensity ? 0 : 0.04), vertical)
  }

  var density: Density? {
    for one in series { if case .density(let density) = one.shape { return density } }
    return nil
  }

  var densityBar: ColorBar? {
    guard let densityLabel, let scale = density?.scale else { return nil }
    return ColorBar(scale, label: densityLabel)
  }
}
