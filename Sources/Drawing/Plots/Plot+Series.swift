import Volumetry

extension Series {
  /// Order of drawing: what others must not be hidden by comes first.
  var layer: Int {
    switch shape {
    case .density, .band, .bars: 0
    case .line, .horizontalRule, .verticalRule: 1
    case .points: 2
    }
  }
}

extension Plot {
  func draw(
    _ one: Series, color: Color, into scene: inout Scene, _ layout: PlotLayout, _ style: FigureStyle
  ) {
    let area = layout.area
    switch one.shape {
    case .line(let x, let y, let dash):
      for piece in Self.pieces(x, y, layout) {
        scene.stroke(
          Path(polyline: piece),
          Stroke(color.opacity(one.opacity), width: style.lineWidth, dash: Self.pattern(dash, style)))
      }
    case .points(let x, let y, let xErrors, let yErrors, let marker):
      drawErrors(x, y, xErrors, yErrors, color: color.opacity(one.opacity), into: &scene, layout, style)
      for (a, b) in zip(x, y) where a.isFinite && b.isFinite {
        Self.mark(
          marker, at: Point(layout.xMapping(a), layout.yMapping(b)), color: color.opacity(one.opacity),
          into: &scene, style)
      }
    case .band(let x, let lower, let upper):
      let known = (0..<min(x.count, lower.count, upper.count)).filter {
        x[$0].isFinite && lower[$0].isFinite && upper[$0].isFinite
      }
      let below = known.map { Point(layout.xMapping(x[$0]), layout.yMapping(lower[$0])) }
      let above = known.map { Point(layout.xMapping(x[$0]), layout.yMapping(upper[$0])) }
      scene.fill(Path(polyline: below + above.reversed(), closed: true), color.opacity(one.opacity))
    case .bars(let edges, let heights):
      var columns = Path()
      let zero = layout.yMapping(max(0, y.isLogarithmic ? layout.yMapping.range.lowerBound : 0))
      for (index, height) in heights.enumerated() where index + 1 < edges.count && height.isFinite {
        let left = layout.xMapping(edges[index])
        let right = layout.xMapping(edges[index + 1])
        let top = layout.yMapping(height)
        columns.append(
          Path(
            Rectangle(
              x: min(left, right), y: min(top, zero), width: abs(right - left), height: abs(zero - top))))
      }
      scene.add(
        .shape(
          columns, fill: color.opacity(one.opacity),
          stroke: Stroke(.white, width: max(style.leastLine, style.axisWidth * 0.5))))
    case .horizontalRule(let value):
      let at = layout.yMapping(value)
      scene.stroke(
        Path(line: Point(area.left, at), Point(area.right, at)),
        Stroke(color, width: style.axisWidth, dash: [3, 2]))
    case .verticalRule(let value):
      let at = layout.xMapping(value)
      scene.stroke(
        Path(line: Point(at, area.top), Point(at, area.bottom)),
        Stroke(color, width: style.axisWidth, dash: [3, 2]))
    case .density(let density):
      guard let scale = density.scale else { return }
      let left = layout.xMapping(density.x.lowerBound)
      let right = layout.xMapping(density.x.upperBound)
      let top = layout.yMapping(density.y.upperBound)
      let bottom = layout.yMapping(density.y.lowerBound)
      scene.image(
        scale.raster(density.counts, width: density.columns, height: density.rows),
        in: Rectangle(
          x: min(left, right), y: min(top, bottom), width: abs(right - left), height: abs(bottom - top)))
    }
  }

  private func drawErrors(
    _ x: [Double], _ y: [Double], _ xErrors: [Double]?, _ yErrors: [Double]?, color: Color,
    into scene: inout Scene, _ layout: PlotLayout, _ style: FigureStyle
  ) {
    var bars = Path()
    let cap = style.markerSize * 0.4
    for i in 0..<min(x.count, y.count) where x[i].isFinite && y[i].isFinite {
      let at = Point(layout.xMapping(x[i]), layout.yMapping(y[i]))
      if let yErrors, i < yErrors.count, yErrors[i].isFinite, yErrors[i] > 0 {
        let low = layout.yMapping(y[i] - yErrors[i])
        let high = layout.yMapping(y[i] + yErrors[i])
        bars.append(Path(line: Point(at.x, low), Point(at.x, high)))
        bars.append(Path(line: Point(at.x - cap, low), Point(at.x + cap, low)))
        bars.append(Path(line: Point(at.x - cap, high), Point(at.x + cap, high)))
      }
      if let xErrors, i < xErrors.count, xErrors[i].isFinite, xErrors[i] > 0 {
        let low = layout.xMapping(x[i] - xErrors[i])
        let high = layout.xMapping(x[i] + xErrors[i])
        bars.append(Path(line: Point(low, at.y), Point(high, at.y)))
        bars.append(Path(line: Point(low, at.y - cap), Point(low, at.y + cap)))
        bars.append(Path(line: Point(high, at.y - cap), Point(high, at.y + cap)))
      }
    }
    if !bars.elements.isEmpty { scene.stroke(bars, Stroke(color, width: style.axisWidth)) }
  }

  static func mark(
    _ marker: Series.Marker, at point: Point, color: Color, into scene: inout Scene, _ style: FigureStyle
  ) {
    let r = style.markerSize / 2
    switch marker {
    case .circle: scene.fill(Path(circle: point, radius: r), color)
    case .ring:
      scene.add(
        .shape(
          Path(circle: point, radius: r), fill: .white, stroke: Stroke(color, width: style.lineWidth * 0.8)))
    case .square:
      scene.fill(Path(Rectangle(x: point.x - r, y: point.y - r, width: 2 * r, height: 2 * r)), color)
    case .triangle:
      let corners = [
        Point(point.x, point.y - 1.2 * r), Point(point.x + 1.1 * r, point.y + 0.8 * r),
        Point(point.x - 1.1 * r, point.y + 0.8 * r),
      ]
      scene.fill(Path(polyline: corners, closed: true), color)
    }
  }

  static func pattern(_ dash: Series.Dash, _ style: FigureStyle) -> [Double] {
    switch dash {
    case .solid: []
    case .dashed: [4 * style.lineWidth, 2.5 * style.lineWidth]
    case .dotted: [1.2 * style.lineWidth, 1.8 * style.lineWidth]
    }
  }

  /// The unbroken pieces of a curve on the page.
  static func pieces(_ x: [Double], _ y: [Double], _ layout: PlotLayout) -> [[Point]] {
    var pieces: [[Point]] = [[]]
    for (a, b) in zip(x, y) {
      if a.isFinite && b.isFinite {
        pieces[pieces.count - 1].append(Point(layout.xMapping(a), layout.yMapping(b)))
      } else if !(pieces.last?.isEmpty ?? true) {
        pieces.append([])
      }
    }
    return pieces.filter { $0.count > 1 }
  }
}
