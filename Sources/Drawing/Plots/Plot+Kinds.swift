import Volumetry

extension Plot {
  /// Columns of counts, with a normal curve of the same area where asked.
  ///
  /// - Parameters:
  ///   - normal: mean and standard deviation of the curve to compare with: (0, 1) for errors divided by sigma.
  ///   - range: what the columns cover; nil takes the 0.1 % to 99.9 % quantiles.
  public static func histogram(
    of values: [Double], bins: Int = 40, range: ClosedRange<Double>? = nil,
    normal: (mean: Double, sigma: Double)? = nil, xLabel: RichText, label: RichText = "voxels",
    title: RichText? = nil
  ) -> Plot {
    let sorted = values.filter(\.isFinite).sorted()
    var low = range?.lowerBound ?? Quantiles.quantile(sorted: sorted, 0.001)
    var high = range?.upperBound ?? Quantiles.quantile(sorted: sorted, 0.999)
    if !low.isFinite || !high.isFinite { (low, high) = (0, 1) }
    if low == high { (low, high) = (low - 0.5, high + 0.5) }
    let count = max(1, bins)
    let width = (high - low) / Double(count)
    var heights = [Double](repeating: 0, count: count)
    for value in sorted where value >= low && value <= high {
      heights[min(count - 1, Int((value - low) / width))] += 1
    }
    var series: [Series] = [
      .bars(edges: (0...count).map { low + Double($0) * width }, heights: heights, label: label)
    ]
    if let normal, normal.sigma > 0 {
      let area = Double(sorted.count) * width
      series.append(
        .curve(
          over: low...high,
          label: RichText(
            "normal, mean \(Ticks.number(normal.mean, digits: 3)), \u{03C3} \(Ticks.number(normal.sigma, digits: 3))"
          ),
          color: FigureStyle.color(1)
        ) { x in
          let z = (x - normal.mean) / normal.sigma
          return area * exponential(-0.5 * z * z) / (normal.sigma * (2 * Double.pi).squareRoot())
        })
    }
    return Plot(x: PlotAxis(xLabel), y: PlotAxis("number of voxels"), title: title, series)
  }

  /// Measured points with a fitted curve, its band, and the residuals in standard errors below.
  ///
  /// - Parameters:
  ///   - fit: value of the fit and its standard error at a place along x.
  public static func fitWithResiduals(
    x: PlotAxis, y: PlotAxis, points: (x: [Double], y: [Double], yErrors: [Double]), xErrors: [Double]? = nil,
    pointsLabel: RichText = "measured", fitLabel: RichText = "fit", over range: ClosedRange<Double>? = nil,
    title: RichText? = nil, notes: [RichText] = [], asCurve: Bool = false,
    fit: (Double) -> (value: Double, sigma: Double)
  ) -> StackedPlot {
    let finite = points.x.filter(\.isFinite)
    let low = range?.lowerBound ?? finite.min() ?? 0
    let high = range?.upperBound ?? finite.max() ?? 1
    let margin = range == nil ? 0.04 * (high - low) : 0
    let places = (0...200).map { low - margin + (high - low + 2 * margin) * Double($0) / 200 }
    let values = places.map(fit)
    var series: [Series] = []
    if values.contains(where: { $0.sigma > 0 }) {
      series.append(
        .band(
          places, lower: values.map { $0.value - $0.sigma }, upper: values.map { $0.value + $0.sigma },
          label: "\u{00B1}1\u{03C3} of the fit", color: FigureStyle.color(1)))
    }
    series.append(.line(places, values.map(\.value), label: fitLabel, color: FigureStyle.color(1)))
    series.append(
      .points(
        points.x, points.y, xErrors: xErrors, yErrors: points.yErrors, label: pointsLabel,
        color: FigureStyle.color(0), opacity: asCurve ? 0.6 : 1))
    var upper = Plot(x: x, y: y, title: title, series)
    upper.notes = notes
    let residuals = zip(zip(points.x, points.y), points.yErrors).map { pair, error in
      (pair.1 - fit(pair.0).value) / error
    }
    let worst = max(2.2, residuals.filter(\.isFinite).map { abs($0) }.max() ?? 0)
    let lower = Plot(
      x: x, y: PlotAxis("residual / \u{03C3}", range: (-1.15 * worst)...(1.15 * worst)),
      [
        .band(
          [low - margin, high + margin], lower: [-1, -1], upper: [1, 1], color: Color(grey: 0.5)),
        .horizontalRule(0),
        .points(points.x, residuals, color: FigureStyle.color(0), opacity: asCurve ? 0.6 : 1),
      ])
    return StackedPlot([upper, lower], weights: [3, 1.1])
  }

  /// A mean along depth with the band of its uncertainty.
  public static func profile(
    x: PlotAxis, y: PlotAxis, depth: [Double], mean: [Double], lower: [Double], upper: [Double],
    label: RichText? = "mean", bandLabel: RichText? = "95 % interval", title: RichText? = nil
  ) -> Plot {
    Plot(
      x: x, y: y, title: title,
      [
        .band(depth, lower: lower, upper: upper, label: bandLabel, color: FigureStyle.color(0)),
        .line(depth, mean, label: label, color: FigureStyle.color(0)),
      ])
  }

  /// How often pairs of values occur together.
  public static func jointDensity(
    x: PlotAxis, y: PlotAxis, values: (x: [Double], y: [Double]), bins: Int = 64,
    map: ColorMap = .batlow.reversed,
    label: RichText = "voxels per cell", title: RichText? = nil
  ) -> Plot {
    var plot = Plot(
      x: x, y: y, title: title, aspect: 0.8,
      [
        .density(
          Density(
            x: values.x, y: values.y, columns: bins, rows: bins, xRange: x.range, yRange: y.range, map: map))
      ])
    plot.densityLabel = label
    return plot
  }
}
