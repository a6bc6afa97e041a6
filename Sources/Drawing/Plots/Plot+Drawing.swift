import Volumetry

extension Plot {
  public func draw(into scene: inout Scene, frame: Rectangle, style: FigureStyle) {
    draw(into: &scene, frame: frame, style: style, left: nil, right: nil, showsX: true)
  }

  func draw(
    into scene: inout Scene, frame: Rectangle, style: FigureStyle, left: Double?, right: Double?,
    showsX: Bool
  ) {
    var layout = self.layout(
      frame: frame, style: style, left: left, right: right, showsX: showsX, legendAbove: legend == .above)
    var place: Rectangle?
    if legend == .automatic, series.contains(where: { $0.label != nil }) {
      place = freeLegendPlace(layout, style: style)
      if place == nil {
        layout = self.layout(
          frame: frame, style: style, left: left, right: right, showsX: showsX, legendAbove: true)
      }
    }
    let colors = self.colors
    scene.group(clip: Path(layout.area)) { inner in
      for layer in 0..<3 {
        for (one, color) in zip(series, colors) where one.layer == layer {
          draw(one, color: color, into: &inner, layout, style)
        }
      }
    }
    drawAxes(into: &scene, layout, frame: frame, style: style, showsX: showsX)
    drawNotes(into: &scene, layout, style: style)
    if let place { drawLegend(into: &scene, in: place, style: style) }
    drawLegendRows(into: &scene, layout, frame: frame, style: style)
    if let bar = densityBar {
      bar.draw(
        into: &scene,
        frame: Rectangle(
          x: layout.area.right + style.gap, y: layout.area.top, width: 0, height: layout.area.height),
        style: style)
    }
  }

  private func drawAxes(
    into scene: inout Scene, _ layout: PlotLayout, frame: Rectangle, style: FigureStyle, showsX: Bool
  ) {
    let area = layout.area
    let line = Stroke(.black, width: style.axisWidth)
    for tick in layout.xTicks.ticks {
      let at = layout.xMapping(tick.value)
      scene.stroke(Path(line: Point(at, area.bottom), Point(at, area.bottom + style.tickLength)), line)
      if showsX {
        scene.text(
          tick.label, at: Point(at, area.bottom + style.tickLength + 1.5), font: style.tickFont, .middle, .top
        )
      }
    }
    for value in layout.xTicks.minor {
      let at = layout.xMapping(value)
      scene.stroke(Path(line: Point(at, area.bottom), Point(at, area.bottom + style.tickLength * 0.5)), line)
    }
    for tick in layout.yTicks.ticks {
      let at = layout.yMapping(tick.value)
      scene.stroke(Path(line: Point(area.left - style.tickLength, at), Point(area.left, at)), line)
      scene.text(
        tick.label, at: Point(area.left - style.tickLength - 1.5, at), font: style.tickFont, .end, .middle)
    }
    for value in layout.yTicks.minor {
      let at = layout.yMapping(value)
      scene.stroke(Path(line: Point(area.left - style.tickLength * 0.5, at), Point(area.left, at)), line)
    }
    scene.stroke(Path(area), line)
    let labelHeight = TextLayout.height(style.labelFont)
    let base = area.bottom + style.tickLength + 1.5 + TextLayout.height(style.tickFont) + style.gap / 2
    for (index, text) in layout.xLabelLines.enumerated() {
      let half = TextLayout.width(text, font: style.labelFont) / 2
      let middle = max(frame.left + half, min(area.center.x, frame.right - half))
      scene.text(
        text, at: Point(middle, base + Double(index) * labelHeight), font: style.labelFont, .middle, .top)
    }
    for (index, text) in layout.yLabelLines.enumerated() {
      scene.text(
        text,
        at: Point(frame.left + Double(index) * labelHeight + style.labelSize * Font.ascent, area.center.y),
        font: style.labelFont, .middle, .baseline, upwards: true)
    }
    for (index, text) in layout.titleLines.enumerated() {
      // Above the axes, and further to the left where it is wider than these.
      let left = frame.right - TextLayout.width(text, font: style.titleFont)
      scene.text(
        text,
        at: Point(
          max(frame.left, min(area.left, left)),
          frame.top + Double(index) * TextLayout.height(style.titleFont)),
        font: style.titleFont, .start, .top)
    }
  }

  private func drawNotes(into scene: inout Scene, _ layout: PlotLayout, style: FigureStyle) {
    for (index, note) in notes.enumerated() {
      scene.text(
        note,
        at: Point(
          layout.area.left + 1.5 * style.gap,
          layout.area.top + style.gap + Double(index) * TextLayout.height(style.tickFont)),
        font: style.tickFont, .start, .top)
    }
  }

  /// Box of the notes, which the legend leaves free.
  func notesBox(_ area: Rectangle, style: FigureStyle) -> Rectangle? {
    guard let widest = notes.map({ TextLayout.width($0, font: style.tickFont) }).max() else { return nil }
    return Rectangle(
      x: area.left, y: area.top, width: widest + 3 * style.gap,
      height: Double(notes.count) * TextLayout.height(style.tickFont) + 2 * style.gap)
  }
}
