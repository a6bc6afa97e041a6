/// Where the parts of a plot lie.
struct PlotLayout {
  var area: Rectangle
  var xMapping: AxisMapping
  var yMapping: AxisMapping
  var xTicks: Ticks
  var yTicks: Ticks
  var titleLines: [RichText]
  var yLabelLines: [RichText]
  var xLabelLines: [RichText]
  /// The legend above the axes; empty where it lies inside.
  var legend: PlotLegend
}

/// Space that a plot keeps on its left, so that plots above each other share their axes.
extension Plot {
  /// - Parameters:
  ///   - left: space left of the axes; nil takes what the labels need.
  ///   - showsX: whether ticks of the x axis have labels.
  func layout(
    frame: Rectangle, style: FigureStyle, left: Double? = nil, right: Double? = nil, showsX: Bool = true,
    legendAbove: Bool
  ) -> PlotLayout {
    func laid(_ legend: PlotLegend) -> PlotLayout {
      layout(frame: frame, style: style, left: left, right: right, showsX: showsX, legend: legend)
    }
    var made = laid(PlotLegend())
    guard legendAbove else { return made }
    // Its rows begin where the axes do, and make these lower; then the labels of y may take another width.
    for _ in 0..<3 {
      let edge = made.area.left
      made = laid(PlotLegend(self, width: frame.right - edge - 2 * style.gap, style: style))
      if made.area.left == edge { break }
    }
    return made
  }

  private func layout(
    frame: Rectangle, style: FigureStyle, left: Double?, right: Double?, showsX: Bool, legend key: PlotLegend
  ) -> PlotLayout {
    let ranges = self.ranges
    let tickFont = style.tickFont
    let labelHeight = TextLayout.height(style.labelFont)
    let titles = title.map { TextLayout.wrapped($0, width: frame.width, font: style.titleFont) } ?? []
    let titleHeight = Double(titles.count) * TextLayout.height(style.titleFont)
    let top =
      max(titleHeight, style.tickSize * 0.4) + key.height
      + (key.height == 0 ? 0 : style.gap) + (titles.isEmpty ? 0 : style.gap)
    let xLines =
      showsX ? TextLayout.wrapped(x.label, width: frame.width * 0.8, font: style.labelFont) : []
    let bottom =
      style.tickLength
      + (showsX
        ? 1.5 + TextLayout.height(tickFont) + Double(xLines.count) * labelHeight + style.gap / 2 : 0)
    let height = max(10, frame.height - top - bottom)
    let vertical = AxisMapping(y, ranges.y, from: frame.y + top + height, to: frame.y + top)
    let yTicks = vertical.verticalTicks(font: tickFont)
    let yLines = TextLayout.wrapped(y.label, width: height + bottom / 2, font: style.labelFont)
    let widest = yTicks.ticks.map { TextLayout.width($0.label, font: tickFont) }.max() ?? 0
    let needed = Double(yLines.count) * labelHeight + style.gap + widest + 1.5 + style.tickLength
    let before = left ?? needed
    var after = right ?? 0
    if right == nil {
      let last = x.resolvedLastLabel(ranges.x, font: tickFont)
      after = max(2, last / 2)
      if let bar = densityBar { after = bar.width(height: height, style: style) + 2 * style.gap }
    }
    let width = max(10, frame.width - before - after)
    let area = Rectangle(x: frame.x + before, y: frame.y + top, width: width, height: height)
    let horizontal = AxisMapping(x, ranges.x, from: area.left, to: area.right)
    return PlotLayout(
      area: area, xMapping: horizontal, yMapping: vertical,
      xTicks: horizontal.horizontalTicks(font: tickFont, gap: max(1.2 * style.gap, style.tickSize)),
      yTicks: yTicks,
      titleLines: titles, yLabelLines: yLines, xLabelLines: xLines, legend: key)
  }

  /// Space that the y labels need for a frame.
  func neededLeft(frame: Rectangle, style: FigureStyle, showsX: Bool) -> Double {
    layout(frame: frame, style: style, showsX: showsX, legendAbove: false).area.left - frame.left
  }

  func neededRight(frame: Rectangle, style: FigureStyle) -> Double {
    frame.right - layout(frame: frame, style: style, legendAbove: false).area.right
  }
}

enum LegendMetrics {
  static let keyWidth = 13.0

  /// From one entry to the next.
  static func row(_ style: FigureStyle) -> Double { 1.15 * TextLayout.height(style.tickFont) }
}

extension PlotAxis {
  /// Width of the label that may reach beyond the right end of the axis.
  func resolvedLastLabel(_ range: ClosedRange<Double>, font: Font) -> Double {
    let mapping = AxisMapping(self, range, from: 0, to: 300)
    return mapping.ticks(atMost: 6).ticks.map { TextLayout.width($0.label, font: font) }.max() ?? 0
  }
}
