import Volumetry

/// Values with their intervals below each other, and the line that stands for no effect: which ones differ from it is seen
/// at a glance.
public struct ForestPlot: Panel {
  public struct Row: Sendable {
    public var label: RichText
    public var value: Double
    public var low: Double
    public var high: Double
    /// Whether it is marked as different from the reference; nil leaves that to the interval.
    public var isMarked: Bool?

    public init(
      _ label: RichText, value: Double, low: Double, high: Double, isMarked: Bool? = nil
    ) {
      self.label = label
      self.isMarked = isMarked
      self.value = value
      self.low = low
      self.high = high
    }
  }

  public var rows: [Row]
  /// Value of no effect.
  public var reference: Double
  /// What the values are: below the axis.
  public var label: RichText
  public var title: RichText?
  /// What the axis shows; nil takes what the intervals need.
  public var range: ClosedRange<Double>?

  public init(
    _ rows: [Row], reference: Double = 0, label: RichText, title: RichText? = nil,
    range: ClosedRange<Double>? = nil
  ) {
    self.rows = rows.filter { $0.value.isFinite }
    self.reference = reference
    self.label = label
    self.title = title
    self.range = range
  }

  public var caption: String {
    [title?.inline ?? "", label.inline].filter { !$0.isEmpty }.joined(separator: ", ")
  }

  private struct Layout {
    var titles: [RichText]
    var labels: [[RichText]]
    var tops: [Double]
    var left: Double
    var bottom: Double
    var footer: [RichText]
  }

  private func layout(_ width: Double, _ style: FigureStyle) -> Layout {
    let titles = title.map { TextLayout.wrapped($0, width: width, font: style.titleFont) } ?? []
    let line = TextLayout.height(style.tickFont)
    let labels = rows.map { TextLayout.wrapped($0.label, width: 0.42 * width, font: style.tickFont) }
    var y = Double(titles.count) * TextLayout.height(style.titleFont) + style.gap
    var tops: [Double] = []
    for lines in labels {
      tops.append(y)
      y += Double(max(1, lines.count)) * line + 1.6 * style.gap
    }
    let widest = labels.joined().map { TextLayout.width($0, font: style.tickFont) }.max() ?? 0
    return Layout(
      titles: titles, labels: labels, tops: tops, left: widest + 2 * style.gap, bottom: y,
      footer: TextLayout.wrapped(label, width: width, font: style.labelFont))
  }

  public func height(forWidth width: Double, style: FigureStyle) -> Double {
    let layout = layout(width, style)
    return layout.bottom + style.tickLength + 1.5 + TextLayout.height(style.tickFont) + style.gap
      + Double(layout.footer.count) * TextLayout.height(style.labelFont)
  }

  public func draw(into scene: inout Scene, frame: Rectangle, style: FigureStyle) {
    let layout = layout(frame.width, style)
    for (index, text) in layout.titles.enumerated() {
      scene.text(
        text, at: Point(frame.x, frame.y + Double(index) * TextLayout.height(style.titleFont)),
        font: style.titleFont, .start, .top)
    }
    let ends = rows.flatMap { [$0.low, $0.high, $0.value] }.filter(\.isFinite) + [reference]
    var (low, high) = (range?.lowerBound ?? ends.min() ?? 0, range?.upperBound ?? ends.max() ?? 1)
    if range == nil { (low, high) = (low - 0.05 * (high - low), high + 0.05 * (high - low)) }
    if !(low < high) { (low, high) = (low - 0.5, high + 0.5) }
    let area = Rectangle(
      x: frame.x + layout.left, y: frame.y, width: max(20, frame.width - layout.left - 2 * style.gap),
      height: layout.bottom)
    let axis = PlotAxis(label, range: low...high)
    let mapping = AxisMapping(axis, low...high, from: area.left, to: area.right)
    let base = frame.y + layout.bottom
    let line = Stroke(.black, width: style.axisWidth)
    if low <= reference, reference <= high {
      let top = frame.y + (layout.tops.first ?? 0)
      scene.stroke(
        Path(line: Point(mapping(reference), top), Point(mapping(reference), base)),
        Stroke(Color(grey: 0.35), width: style.thinLine, dash: [3, 2]))
    }
    for (index, row) in rows.enumerated() {
      draw(row, layout.labels[index], top: frame.y + layout.tops[index], into: &scene, frame, mapping, style)
    }
    scene.stroke(Path(line: Point(area.left, base), Point(area.right, base)), line)
    for tick in mapping.horizontalTicks(font: style.tickFont, gap: 2 * style.gap).ticks {
      let at = mapping(tick.value)
      scene.stroke(Path(line: Point(at, base), Point(at, base + style.tickLength)), line)
      scene.text(
        tick.label, at: Point(at, base + style.tickLength + 1.5), font: style.tickFont, .middle, .top)
    }
    let below = base + style.tickLength + 1.5 + TextLayout.height(style.tickFont) + style.gap / 2
    for (index, text) in layout.footer.enumerated() {
      let half = TextLayout.width(text, font: style.labelFont) / 2
      let middle = min(max(area.center.x, frame.left + half), frame.right - half)
      scene.text(
        text, at: Point(middle, below + Double(index) * TextLayout.height(style.labelFont)),
        font: style.labelFont, .middle, .top)
    }
  }

  private func draw(
    _ row: Row, _ labels: [RichText], top: Double, into scene: inout Scene, _ frame: Rectangle,
    _ mapping: AxisMapping, _ style: FigureStyle
  ) {
    let line = TextLayout.height(style.tickFont)
    let middle = top + Double(max(1, labels.count)) * line / 2
    for (index, text) in labels.enumerated() {
      scene.text(
        text, at: Point(frame.x, top + (Double(index) + 0.5) * line), font: style.tickFont, .start, .middle)
    }
    // Filled where the value differs from the reference, a ring where it does not.
    let isDifferent = row.isMarked ?? (row.low > reference || row.high < reference)
    let color = isDifferent ? FigureStyle.color(0) : Color(grey: 0.4)
    let radius = style.markerSize / 2
    let at = mapping(row.value)
    for (end, inner) in [(row.low, at - radius), (row.high, at + radius)] where end.isFinite {
      scene.stroke(
        Path(line: Point(mapping(end), middle), Point(inner, middle)),
        Stroke(color, width: style.lineWidth))
      scene.stroke(
        Path(line: Point(mapping(end), middle - radius), Point(mapping(end), middle + radius)),
        Stroke(color, width: style.axisWidth))
    }
    let circle = Path(circle: Point(at, middle), radius: radius)
    if isDifferent {
      scene.fill(circle, color)
    } else {
      scene.stroke(circle, Stroke(color, width: style.lineWidth))
    }
  }
}
