import Foundation
public import Volumetry

/// How often angles occur, on a circle.
///
/// The area of a sector, not its radius, is proportional to its share, so that frequent angles do not look more
/// frequent than they are. Angles run from the right counterclockwise, in degrees; clockwise between named axes, of which the second
/// runs down, as in a slice.
public struct RosePlot: Panel {
  /// Shares of equal sectors from 0 to 360 degrees.
  public let shares: [Double]
  public var title: RichText?
  public var label: RichText
  /// A curve over the sectors, as densities relative to the even distribution, at equal steps from 0 degrees.
  public var curve: [Double] = []
  public var color = FigureStyle.color(0)
  /// Mean direction in degrees and resultant length from 0 (even) to 1 (all equal); of doubled angles for axes.
  public let mean: (angle: Double, length: Double)
  public let isAxial: Bool
  /// Names of the directions at 0 and 90 degrees, to the right and down.
  public var axes: (String, String)?

  /// - Parameters:
  ///   - angles: degrees; NaN is left out.
  ///   - weights: one per angle; nil counts every angle once.
  ///   - axial: whether an angle and its opposite are one direction (fibres, pores); both are then drawn.
  public init(
    angles: [Double], weights: [Double]? = nil, sectors: Int = 36, axial: Bool = true, label: RichText = "",
    title: RichText? = nil
  ) {
    let count = max(4, axial ? 2 * ((sectors + 1) / 2) : sectors)
    var sums = [Double](repeating: 0, count: count)
    var (c, s, total) = (0.0, 0.0, 0.0)
    let factor = axial ? 2.0 : 1
    for (index, angle) in angles.enumerated() where angle.isFinite {
      let weight = weights.map { index < $0.count && $0[index].isFinite ? max(0, $0[index]) : 0 } ?? 1
      var turn = angle.truncatingRemainder(dividingBy: 360) / 360
      if turn < 0 { turn += 1 }
      let sector = min(count - 1, Int(turn * Double(count)))
      sums[sector] += axial ? weight / 2 : weight
      if axial { sums[(sector + count / 2) % count] += weight / 2 }
      c += weight * cos(factor * angle * .pi / 180)
      s += weight * sin(factor * angle * .pi / 180)
      total += weight
    }
    shares = total > 0 ? sums.map { $0 / total } : sums
    var direction = atan2(s, c) * 180 / .pi / factor
    if direction < 0 { direction += axial ? 180 : 360 }
    mean = (direction, total > 0 ? (c * c + s * s).squareRoot() / total : 0)
    isAxial = axial
    self.label = label
    self.title = title
  }

  public var caption: String { title?.plain ?? "directions" }

  public func height(forWidth width: Double, style: FigureStyle) -> Double {
    let lines = title.map { TextLayout.wrapped($0, width: width, font: style.titleFont).count } ?? 0
    return titleHeight(lines, style) + width * 0.86
      + (label.isEmpty ? 0 : TextLayout.height(style.labelFont) + style.gap)
  }

  /// The page's y runs down: counterclockwise angles are negative there.
  private var turn: Double { axes == nil ? -1 : 1 }

  private func titleHeight(_ lines: Int, _ style: FigureStyle) -> Double {
    lines == 0 ? 0 : Double(lines) * TextLayout.height(style.titleFont) + style.gap
  }

  public func draw(into scene: inout Scene, frame: Rectangle, style: FigureStyle) {
    let titles = title.map { TextLayout.wrapped($0, width: frame.width, font: style.titleFont) } ?? []
    for (index, line) in titles.enumerated() {
      scene.text(
        line, at: Point(frame.center.x, frame.y + Double(index) * TextLayout.height(style.titleFont)),
        font: style.titleFont, .middle, .top)
    }
    let top = frame.y + titleHeight(titles.count, style)
    let footer = label.isEmpty ? 0 : TextLayout.height(style.labelFont) + style.gap
    let height = frame.bottom - top - footer
    let margin = TextLayout.height(style.tickFont) + style.gap
    let radius = max(5, min(height / 2 - margin, frame.width / 2 - (axes == nil ? 1.8 : 2.4) * margin))
    let center = Point(frame.center.x, top + height / 2)
    let largest = max(shares.max() ?? 0, (curve.max() ?? 0) / Double(shares.count), .leastNormalMagnitude)
    let outer = Self.ringStep(largest) * (largest / Self.ringStep(largest)).rounded(.up)
    func place(_ share: Double) -> Double { radius * (share / outer).squareRoot() }
    let rings = drawGrid(into: &scene, center, radius, outer: outer, style, place)
    let step = turn * 2 * Double.pi / Double(shares.count)
    for (index, share) in shares.enumerated() where share > 0 {
      scene.add(
        .shape(
          Path(
            arc: center, inner: 0, outer: place(share),
            from: min(Double(index) * step, Double(index + 1) * step),
            to: max(Double(index) * step, Double(index + 1) * step)), fill: color.opacity(0.65),
          stroke: Stroke(.white, width: style.leastLine)))
    }
    if curve.count > 2 {
      let points = curve.enumerated().map { index, value in
        let angle = 2 * Double.pi * Double(index) / Double(curve.count)
        let r = place(max(0, value) / Double(shares.count))
        return Point(center.x + r * cos(angle), center.y + turn * r * sin(angle))
      }
      scene.stroke(
        Path(polyline: points, closed: true), Stroke(FigureStyle.color(1), width: style.lineWidth))
    }
    drawShares(rings, into: &scene, center, radius, style, place)
    if !label.isEmpty {
      scene.text(label, at: Point(frame.center.x, frame.bottom), font: style.labelFont, .middle, .bottom)
    }
  }

  private static func ringStep(_ largest: Double) -> Double { Ticks.preferred(notAbove: largest / 1.9) }

  /// - Returns: the shares that rings are drawn at.
  private func drawGrid(
    into scene: inout Scene, _ center: Point, _ radius: Double, outer: Double, _ style: FigureStyle,
    _ place: (Double) -> Double
  ) -> [Double] {
    let line = Stroke(Color(grey: 0.75), width: style.thinLine)
    let step = Self.ringStep(outer)
    let rings = (1...max(1, Int((outer / step + 1e-9).rounded(.down)))).map { Double($0) * step }
    for share in rings where place(share) < radius * 0.995 {
      scene.stroke(Path(circle: center, radius: place(share)), line)
    }
    for spoke in 0..<12 {
      let angle = Double(spoke) * .pi / 6
      let end = Point(center.x + radius * cos(angle), center.y + turn * radius * sin(angle))
      scene.stroke(Path(line: center, end), line)
      if spoke % 3 == 0 || radius > 40 {
        let name = spoke == 0 ? axes?.0 : spoke == 3 ? axes?.1 : nil
        let text = RichText(plain: (name.map { $0 + "\u{00A0}" } ?? "") + "\(spoke * 30)\u{00B0}")
        let away = radius + style.gap
        let at = Point(center.x + away * cos(angle), center.y + turn * away * sin(angle))
        let horizontal: HorizontalAnchor = abs(cos(angle)) < 0.1 ? .middle : cos(angle) > 0 ? .start : .end
        let vertical: VerticalAnchor =
          abs(sin(angle)) < 0.1 ? .middle : turn * sin(angle) < 0 ? .bottom : .top
        scene.text(text, at: at, font: style.tickFont, horizontal, vertical)
      }
    }
    scene.stroke(Path(circle: center, radius: radius), Stroke(.black, width: style.axisWidth))
    return rings
  }

  private func drawShares(
    _ rings: [Double], into scene: inout Scene, _ center: Point, _ radius: Double, _ style: FigureStyle,
    _ place: (Double) -> Double
  ) {
    // Shares stand between two spokes where the bars are short.
    let angle = emptiestAngle * .pi / 180
    for share in rings.filter({ place($0) < 0.95 * radius }).suffix(2) {
      let r = place(share) - style.tickSize * 0.6
      let text = RichText(plain: "\(Ticks.number(share * 100, digits: 2))\u{00A0}%")
      let at = Point(center.x + r * cos(angle), center.y + turn * r * sin(angle))
      let (width, height) = (TextLayout.width(text, font: style.tickFont), TextLayout.height(style.tickFont))
      scene.fill(
        Path(Rectangle(x: at.x - 1, y: at.y - height / 2, width: width + 2, height: height)),
        Color.white.opacity(0.85))
      scene.text(text, at: at, font: style.tickFont, .start, .middle)
    }
  }

  /// Middle between two spokes from 0 to 180 degrees where the bars are shortest.
  private var emptiestAngle: Double {
    func share(_ angle: Double) -> Double {
      shares[min(shares.count - 1, Int(angle / 360 * Double(shares.count)))]
    }
    return stride(from: 15.0, to: 180, by: 30).min { share($0) < share($1) } ?? 15
  }
}
