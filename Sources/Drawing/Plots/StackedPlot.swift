/// Plots above each other on one x axis: a fit with its residuals.
public struct StackedPlot: Panel {
  public var plots: [Plot]
  /// Heights of the plots relative to each other.
  public var weights: [Double]
  /// Height of all as a part of the width.
  public var aspect: Double

  public init(_ plots: [Plot], weights: [Double]? = nil, aspect: Double = 0.9) {
    var shared = plots
    // One range of x for all.
    let ranges = plots.map(\.ranges.x)
    if let low = ranges.map(\.lowerBound).min(), let high = ranges.map(\.upperBound).max(), low < high {
      for index in shared.indices { shared[index].x.range = low...high }
    }
    self.plots = shared
    self.weights = weights ?? [Double](repeating: 1, count: plots.count)
    self.aspect = aspect
  }

  public var caption: String { plots.first?.caption ?? "" }

  public func height(forWidth width: Double, style: FigureStyle) -> Double { width * aspect }

  public func draw(into scene: inout Scene, frame: Rectangle, style: FigureStyle) {
    guard !plots.isEmpty else { return }
    let footer =
      1.5 + TextLayout.height(style.tickFont) + TextLayout.height(style.labelFont) + style.gap / 2
    let room = frame.height - footer - Double(plots.count - 1) * style.gap
    let total = plots.indices.map { $0 < weights.count ? weights[$0] : 1 }.reduce(0, +)
    var frames: [Rectangle] = []
    var top = frame.top
    for index in plots.indices {
      let isLast = index == plots.count - 1
      let height = room * (index < weights.count ? weights[index] : 1) / total + (isLast ? footer : 0)
      frames.append(Rectangle(x: frame.x, y: top, width: frame.width, height: height))
      top += height + style.gap
    }
    let left = zip(plots, frames).enumerated().map { index, pair in
      pair.0.neededLeft(frame: pair.1, style: style, showsX: index == plots.count - 1)
    }.max()
    let right = zip(plots, frames).map { $0.neededRight(frame: $1, style: style) }.max()
    for (index, plot) in plots.enumerated() {
      plot.draw(
        into: &scene, frame: frames[index], style: style, left: left, right: right,
        showsX: index == plots.count - 1)
    }
  }
}
