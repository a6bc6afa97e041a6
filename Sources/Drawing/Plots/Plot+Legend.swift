import Volumetry

extension Plot {
  private func legendSize(_ style: FigureStyle) -> Size {
    let labels = series.compactMap(\.label)
    let widest = labels.map { TextLayout.width($0, font: style.tickFont) }.max() ?? 0
    return Size(
      width: LegendMetrics.keyWidth + style.gap + widest + 2 * style.gap,
      height: Double(labels.count) * LegendMetrics.row(style) + style.gap)
  }

  /// A place within the axes where the legend hides no data; nil where there is none.
  func freeLegendPlace(_ layout: PlotLayout, style: FigureStyle) -> Rectangle? {
    let size = legendSize(style)
    let area = layout.area.inset(by: 1.2 * style.gap)
    guard size.width < area.width * 0.75, size.height < area.height * 0.75 else { return nil }
    let lefts = [area.right - size.width, area.left, area.center.x - size.width / 2]
    let tops = [area.top, area.bottom - size.height, area.center.y - size.height / 2]
    let points = occupied(layout)
    let notes = notesBox(layout.area, style: style)
    for top in tops {
      for left in lefts {
        let box = Rectangle(x: left, y: top, width: size.width, height: size.height)
        if let notes, notes.overlaps(box) { continue }
        let wide = box.inset(by: -2)
        let isFree = !points.contains { point in
          point.x > wide.left && point.x < wide.right && point.y > wide.top && point.y < wide.bottom
        }
        if isFree { return box }
      }
    }
    return nil
  }

  /// Points on the page where data lie, dense along lines.
  private func occupied(_ layout: PlotLayout) -> [Point] {
    var points: [Point] = []
    func add(_ a: Point, _ b: Point) {
      let length = max(abs(b.x - a.x), abs(b.y - a.y))
      let steps = min(400, max(1, Int(length / 2)))
      for step in 0...steps {
        let t = Double(step) / Double(steps)
        points.append(Point(a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)))
      }
    }
    for one in series {
      switch one.shape {
      case .line(let x, let y, _):
        for piece in Self.pieces(x, y, layout) { zip(piece, piece.dropFirst()).forEach { add($0, $1) } }
      case .points(let x, let y, _, let yErrors, _):
        for i in 0..<min(x.count, y.count) where x[i].isFinite && y[i].isFinite {
          let error = yErrors.map { i < $0.count && $0[i].isFinite ? $0[i] : 0 } ?? 0
          add(
            Point(layout.xMapping(x[i]), layout.yMapping(y[i] - error)),
            Point(layout.xMapping(x[i]), layout.yMapping(y[i] + error)))
        }
      case .band(let x, let lower, let upper):
        let all = (0..<min(x.count, lower.count, upper.count)).map { i in
          (layout.xMapping(x[i]), layout.yMapping(lower[i]), layout.yMapping(upper[i]))
        }
        for (i, one) in all.enumerated() where one.1.isFinite && one.2.isFinite {
          add(Point(one.0, one.1), Point(one.0, one.2))
          // Between two places the band is filled, too.
          guard i + 1 < all.count, all[i + 1].1.isFinite, all[i + 1].2.isFinite else { continue }
          let next = all[i + 1]
          let steps = min(100, max(1, Int(abs(next.0 - one.0) / 4)))
          for step in 1..<max(2, steps) {
            let t = Double(step) / Double(steps)
            let place = one.0 + t * (next.0 - one.0)
            add(
              Point(place, one.1 + t * (next.1 - one.1)), Point(place, one.2 + t * (next.2 - one.2)))
          }
        }
      case .bars(let edges, let heights):
        for i in 0..<min(heights.count, edges.count - 1) where heights[i].isFinite {
          let middle = layout.xMapping((edges[i] + edges[i + 1]) / 2)
          add(Point(middle, layout.area.bottom), Point(middle, layout.yMapping(heights[i])))
          add(
            Point(layout.xMapping(edges[i]), layout.yMapping(heights[i])),
            Point(layout.xMapping(edges[i + 1]), layout.yMapping(heights[i])))
        }
      case .horizontalRule(let y):
        add(Point(layout.area.left, layout.yMapping(y)), Point(layout.area.right, layout.yMapping(y)))
      case .verticalRule(let x):
        add(Point(layout.xMapping(x), layout.area.top), Point(layout.xMapping(x), layout.area.bottom))
      case .density: points.append(layout.area.center)
      }
    }
    return points
  }

  func drawLegend(into scene: inout Scene, in box: Rectangle, style: FigureStyle) {
    let row = LegendMetrics.row(style)
    let colors = self.colors
    var y = box.top + style.gap / 2 + row / 2
    for (index, one) in series.enumerated() {
      guard let label = one.label else { continue }
      drawKey(one, color: colors[index], at: Point(box.left + style.gap, y), into: &scene, style: style)
      scene.text(
        label, at: Point(box.left + 2 * style.gap + LegendMetrics.keyWidth, y), font: style.tickFont, .start,
        .middle)
      y += row
    }
  }

  func drawLegendRows(
    into scene: inout Scene, _ layout: PlotLayout, frame: Rectangle, style: FigureStyle
  ) {
    let line = TextLayout.height(style.tickFont)
    let colors = self.colors
    var y = layout.area.top - style.gap - layout.legend.height
    for row in layout.legend.rows {
      var x = layout.area.left
      for (entry, width) in zip(row, layout.legend.columns) {
        drawKey(
          series[entry.series], color: colors[entry.series], at: Point(x, y + line / 2), into: &scene,
          style: style)
        for (index, text) in entry.lines.enumerated() {
          scene.text(
            text, at: Point(x + LegendMetrics.keyWidth + style.gap, y + (Double(index) + 0.5) * line),
            font: style.tickFont, .start, .middle)
        }
        x += width
      }
      y += line * Double(row.map(\.lines.count).max() ?? 0)
    }
  }

  private func drawKey(
    _ one: Series, color: Color, at left: Point, into scene: inout Scene, style: FigureStyle
  ) {
    let width = LegendMetrics.keyWidth
    let line = Path(line: left, Point(left.x + width, left.y))
    let box = Rectangle(
      x: left.x, y: left.y - style.tickSize * 0.35, width: width, height: style.tickSize * 0.7)
    switch one.shape {
    case .line(_, _, let dash):
      scene.stroke(line, Stroke(color, width: style.lineWidth, dash: Self.pattern(dash, style)))
    case .points(_, _, _, let yErrors, let marker):
      if yErrors != nil {
        scene.stroke(
          Path(line: Point(box.center.x, box.top), Point(box.center.x, box.bottom)),
          Stroke(color, width: style.axisWidth))
      }
      Self.mark(marker, at: box.center, color: color, into: &scene, style)
    case .band, .bars: scene.fill(Path(box), color.opacity(one.opacity))
    case .horizontalRule, .verticalRule:
      scene.stroke(line, Stroke(color, width: style.axisWidth, dash: [3, 2]))
    case .density: break
    }
  }
}
