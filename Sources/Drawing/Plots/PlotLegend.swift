/// The legend above the axes: entries in columns that line up, their words broken where they are wider than the plot.
struct PlotLegend {
  struct Entry {
    var series: Int
    var lines: [RichText]
  }

  private(set) var rows: [[Entry]] = []
  /// Widths of the columns with the space behind them.
  private(set) var columns: [Double] = []
  /// Height of all rows.
  private(set) var height = 0.0

  init() {}

  /// As many columns as fit side by side.
  init(_ plot: Plot, width: Double, style: FigureStyle) {
    let labelled = plot.series.enumerated().filter { $0.element.label != nil }
    let key = LegendMetrics.keyWidth + style.gap
    let entries = labelled.map { index, series in
      Entry(
        series: index,
        lines: TextLayout.wrapped(
          series.label ?? "", width: max(20, width - key), font: style.tickFont, breaksWords: true))
    }
    guard !entries.isEmpty else { return }
    let widths = entries.map { entry in
      key + (entry.lines.map { TextLayout.width($0, font: style.tickFont) }.max() ?? 0)
    }
    let space = 3 * style.gap
    for count in stride(from: entries.count, through: 1, by: -1) {
      let needed = (0..<count).map { column in
        stride(from: column, to: entries.count, by: count).map { widths[$0] }.max() ?? 0
      }
      guard count == 1 || needed.reduce(0, +) + space * Double(count - 1) <= width else { continue }
      columns = needed.map { $0 + space }
      rows = stride(from: 0, to: entries.count, by: count).map {
        Array(entries[$0..<min(entries.count, $0 + count)])
      }
      break
    }
    let line = TextLayout.height(style.tickFont)
    height = rows.reduce(0) { $0 + line * Double($1.map(\.lines.count).max() ?? 0) }
  }
}
