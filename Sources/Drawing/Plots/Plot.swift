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
    [title?.inline ?? "", "\(y.label.inline) against \(x.label.inline)"].filter { !$0.isEmpty }
      .joined(separator: ", ")
  }

  /// As the aspect says, and more where a legend above the axes would leave these less than half of it.
  public func height(forWidth width: Double, style: FigureStyle) -> Double {
    let base = width * aspect
    guard series.contains(where: { $0.label != nil }) else { return base }
    var height = base
    for _ in 0..<3 {
      let frame = Rectangle(x: 0, y: 0, width: width, height: height)
      var layout = self.layout(frame: frame, style: style, legendAbove: legend == .above)
      if legend == .automatic, freeLegendPlace(layout, style: style) == nil {
        layout = self.layout(frame: frame, style: style, legendAbove: true)
      }
      let below = frame.bottom - layout.area.bottom
      let short = 0.45 * base - (height - (layout.area.top - frame.top) - max(0, below))
      if short <= 0 { break }
      height += short
    }
    return height
  }

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
    var bar = ColorBar(scale, label: densityLabel)
    bar.isCounting = true
    return bar
  }
}
