import Volumetry

/// The legend of a colour scale: a vertical bar with ticks and a label.
public struct ColorBar: Sendable {
  public let scale: ColorScale
  public let label: RichText
  /// Whether values beyond the ends were drawn; the bar then ends in points.
  public var extendsBelow = false
  public var extendsAbove = false
  /// Whether the values are whole numbers, so that only such are written.
  public var isCounting = false
  /// Names of equal steps of colour from below, for labels and masks; empty for a scale. The first stands at 0, the next at 1.
  public var steps: [RichText] = []
  /// Whether a swatch of the pattern for missing values is shown.
  public var showsMissing = false

  public init(_ scale: ColorScale, label: RichText) {
    self.scale = scale
    self.label = label
  }

  /// The legend of values: with points where some lie beyond the ends, and the pattern of missing ones where there are any.
  public init(_ scale: ColorScale, label: RichText, of values: [Float]) {
    self.init(scale, label: label)
    let tolerance = 1e-6 * (scale.range.upperBound - scale.range.lowerBound)
    extendsBelow = values.contains { Double($0) < scale.range.lowerBound - tolerance }
    extendsAbove = values.contains { Double($0) > scale.range.upperBound + tolerance }
    showsMissing = values.contains(where: \.isNaN)
  }

  static let barWidth = 7.0

  private func ticks(height: Double, style: FigureStyle) -> Ticks {
    if !steps.isEmpty {
      return Ticks(ticks: steps.enumerated().map { .init(value: Double($0), label: $1) }, minor: [])
    }
    let (low, high) = (scale.range.lowerBound, scale.range.upperBound)
    let ticks = Ticks.linear(low, high, atMost: max(2, Int(height / (style.tickSize * 2.6))))
    guard isCounting else { return ticks }
    let whole = ticks.ticks.filter { $0.value == $0.value.rounded() }
    // The lowest number stands at the end where there is room for it.
    let hasRoom = whole.first.map { ($0.value - low) / (high - low) * height > 1.5 * style.tickSize } ?? true
    let first = [Ticks.Tick(value: low, label: RichText(plain: Ticks.number(low)))]
    let labels = Ticks.labels(whole.map(\.value), step: 1)
    return Ticks(
      ticks: (hasRoom ? first : []) + zip(whole, labels).map { Ticks.Tick(value: $0.value, label: $1) },
      minor: [])
  }

  /// Least height at which the names of the steps stand apart.
  func leastHeight(_ style: FigureStyle) -> Double {
    steps.isEmpty ? 0 : Double(steps.count) * 1.15 * TextLayout.height(style.tickFont) + swatchHeight(style)
  }

  private func tickWidth(height: Double, style: FigureStyle) -> Double {
    ticks(height: height, style: style).ticks.map { TextLayout.width($0.label, font: style.tickFont) }.max()
      ?? 0
  }

  private func labelLines(height: Double, style: FigureStyle) -> [RichText] {
    TextLayout.wrapped(label, width: height, font: style.labelFont)
  }

  private func swatchHeight(_ style: FigureStyle) -> Double {
    showsMissing ? TextLayout.height(style.tickFont) + style.gap : 0
  }

  /// Width that the bar with ticks and label takes.
  public func width(height: Double, style: FigureStyle) -> Double {
    let bar = height - swatchHeight(style)
    let lines = Double(labelLines(height: bar, style: style).count)
    let labels = tickWidth(height: bar, style: style)
    let main =
      Self.barWidth + style.tickLength + 1.5 + labels
      + (lines > 0 ? style.gap + lines * TextLayout.height(style.labelFont) : 0)
    let swatch =
      showsMissing
      ? Self.barWidth + style.gap + TextLayout.width(Self.missingLabel, font: style.tickFont) : 0
    return max(main, swatch)
  }

  package static let missingLabel: RichText = "no value"

  /// Draws the bar at the left of `frame`, as high as the frame.
  public func draw(into scene: inout Scene, frame: Rectangle, style: FigureStyle) {
    let below = swatchHeight(style)
    // Half a tick label may rise above the first tick.
    let bar = Rectangle(
      x: frame.x, y: frame.y, width: Self.barWidth, height: max(8, frame.height - below))
    let point = min(6, bar.height / 6)
    let body = bar.inset(top: extendsAbove ? point : 0, bottom: extendsBelow ? point : 0)
    drawBody(into: &scene, bar: bar, body: body, style: style)
    func y(_ value: Double) -> Double {
      body.bottom - body.height * (value - scale.range.lowerBound)
        / (scale.range.upperBound - scale.range.lowerBound)
    }
    let ticks = self.ticks(height: bar.height, style: style)
    let line = Stroke(.black, width: style.axisWidth)
    for tick in ticks.ticks {
      let at = y(tick.value)
      scene.stroke(Path(line: Point(bar.right, at), Point(bar.right + style.tickLength, at)), line)
      let half = style.tickSize * Font.capHeight / 2
      scene.text(
        tick.label,
        at: Point(
          bar.right + style.tickLength + 1.5, min(max(at, frame.y + half), bar.bottom - half + 1)),
        font: style.tickFont, .start, .middle)
    }
    let left = bar.right + style.tickLength + 1.5 + tickWidth(height: bar.height, style: style) + style.gap
    for (index, text) in labelLines(height: bar.height, style: style).enumerated() {
      scene.text(
        text,
        at: Point(
          left + Double(index) * TextLayout.height(style.labelFont) + style.labelSize * Font.ascent,
          bar.center.y), font: style.labelFont, .middle, .baseline, upwards: true)
    }
    if showsMissing { drawSwatch(into: &scene, frame: frame, style: style) }
  }

  private func drawBody(
    into scene: inout Scene, bar: Rectangle, body: Rectangle, style: FigureStyle
  ) {
    let rows = 256
    let values = (0..<rows).map { row in
      let value =
        scale.range.upperBound - (scale.range.upperBound - scale.range.lowerBound) * Double(row)
        / Double(rows - 1)
      return Float(steps.isEmpty ? value : min(Double(steps.count - 1), max(0, value.rounded())))
    }
    scene.image(scale.raster(values, width: 1, height: rows), in: body, smooth: false)
    var outline = Path()
    outline.move(to: Point(body.left, body.bottom))
    if extendsBelow { outline.line(to: Point(bar.center.x, bar.bottom)) }
    outline.line(to: Point(body.right, body.bottom))
    outline.line(to: Point(body.right, body.top))
    if extendsAbove { outline.line(to: Point(bar.center.x, bar.top)) }
    outline.line(to: Point(body.left, body.top))
    outline.close()
    if extendsBelow {
      let tip = [
        Point(body.left, body.bottom), Point(bar.center.x, bar.bottom), Point(body.right, body.bottom),
      ]
      scene.fill(Path(polyline: tip, closed: true), scale.color(of: scale.range.lowerBound))
    }
    if extendsAbove {
      let tip = [Point(body.left, body.top), Point(bar.center.x, bar.top), Point(body.right, body.top)]
      scene.fill(Path(polyline: tip, closed: true), scale.color(of: scale.range.upperBound))
    }
    scene.stroke(outline, Stroke(.black, width: style.axisWidth))
  }

  private func drawSwatch(into scene: inout Scene, frame: Rectangle, style: FigureStyle) {
    let height = TextLayout.height(style.tickFont)
    let swatch = Rectangle(
      x: frame.x, y: frame.bottom - height, width: Self.barWidth, height: height)
    Hatch.draw(into: &scene, swatch)
    scene.stroke(Path(swatch), Stroke(.black, width: style.axisWidth))
    scene.text(
      Self.missingLabel, at: Point(swatch.right + style.gap, swatch.center.y), font: style.tickFont, .start,
      .middle)
  }
}
