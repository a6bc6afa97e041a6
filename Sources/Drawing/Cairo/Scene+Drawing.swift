public import Volumetry

/// Side of a text that its anchor point fixes.
public enum HorizontalAnchor: Sendable { case start, middle, end }
/// Height of a text that its anchor point fixes; `middle` is half the height of capitals and digits.
public enum VerticalAnchor: Sendable { case top, middle, baseline, bottom }

extension Scene {
  public mutating func fill(_ path: Path, _ color: Color) {
    add(.shape(path, fill: color, stroke: nil))
  }

  public mutating func stroke(_ path: Path, _ stroke: Stroke) {
    add(.shape(path, fill: nil, stroke: stroke))
  }

  public mutating func image(_ raster: Raster, in rectangle: Rectangle, smooth: Bool = false) {
    add(.image(raster, in: rectangle, smooth: smooth))
  }

  /// Draws into a group that is cut at a path and then laid over the page.
  public mutating func group(
    clip: Path? = nil, opacity: Double = 1, _ draw: (inout Scene) -> Void
  ) {
    var inner = Scene(size: size)
    draw(&inner)
    add(.group(inner.marks, clip: clip, opacity: opacity))
  }

  /// Sets a line of text with its anchor at a point; answers the box that it takes.
  @discardableResult
  public mutating func text(
    _ text: RichText, at point: Point, font: Font, color: Color = .black,
    _ horizontal: HorizontalAnchor = .start, _ vertical: VerticalAnchor = .baseline,
    upwards: Bool = false
  ) -> Rectangle {
    let line = TextLayout.line(text, font: font)
    let along: Double =
      switch horizontal {
      case .start: 0
      case .middle: -line.width / 2
      case .end: -line.width
      }
    let across: Double =
      switch vertical {
      case .top: font.size * Font.ascent
      case .middle: font.size * Font.capHeight / 2
      case .baseline: 0
      case .bottom: -font.size * Font.descent
      }
    let origin =
      upwards
      ? Point(point.x + across, point.y - along) : Point(point.x + along, point.y + across)
    let mark = Text(
      runs: line.runs, origin: origin, width: line.width, font: font, color: color,
      quarterTurns: upwards ? 1 : 0)
    add(.text(mark))
    return mark.box
  }
}

/// Widths of text, and lines broken where they get too long.
public enum TextLayout {
  static let smallScale = 0.7

  static func line(_ text: RichText, font: Font) -> (runs: [Scene.Text.Run], width: Double) {
    var runs: [Scene.Text.Run] = []
    var x = 0.0
    for run in text.runs {
      let runFont = run.level == .normal ? font : font.scaled(smallScale)
      let rise: Double =
        switch run.level {
        case .normal: 0
        case .lower: -0.16 * font.size
        case .upper: 0.34 * font.size
        }
      for piece in TextMetrics.pieces(run.text, font: runFont) {
        runs.append(.init(text: piece.text, offset: Point(x, rise), font: piece.font))
        x += TextMetrics.advance(piece.text, font: piece.font)
      }
    }
    return (runs, x)
  }

  public static func width(_ text: RichText, font: Font) -> Double { line(text, font: font).width }

  public static func height(_ font: Font) -> Double { font.size * (Font.ascent + Font.descent) }

  /// Breaks a text at spaces so that no line is wider than `width`; a single word that is wider is broken after `_`, `-` and `/`,
  /// as names of files have them, and else shortened with an ellipsis, or broken anywhere where it must be whole.
  public static func wrapped(
    _ text: RichText, width: Double, font: Font, breaksWords: Bool = false
  ) -> [RichText] {
    guard self.width(text, font: font) > width else { return text.isEmpty ? [] : [text] }
    var lines: [RichText] = []
    var line = RichText(runs: [])
    for word in words(text) {
      let longer = line.isEmpty ? word : line + RichText(plain: " ") + word
      if self.width(longer, font: font) <= width {
        line = longer
      } else {
        if !line.isEmpty { lines.append(line) }
        line = word
        while self.width(line, font: font) > width, line.plain.count > 1,
          let (head, tail) = cut(line, width: width, font: font)
            ?? (breaksWords ? split(line, width: width, font: font) : nil)
        {
          lines.append(head)
          line = tail
        }
        if self.width(line, font: font) > width { line = shortened(line, width: width, font: font) }
      }
    }
    if !line.isEmpty { lines.append(line) }
    return lines
  }

  private static func words(_ text: RichText) -> [RichText] {
    var words: [[RichText.Run]] = [[]]
    for run in text.runs {
      let parts = run.text.split(separator: " ", omittingEmptySubsequences: false)
      for (index, part) in parts.enumerated() {
        if index > 0 { words.append([]) }
        words[words.count - 1].append(.init(text: String(part), level: run.level))
      }
    }
    return words.map { RichText(runs: $0) }.filter { !$0.isEmpty }
  }

  /// The longest part of a word that ends in a sign between its parts and fits, and the others; nil where there is none.
  private static func cut(_ word: RichText, width: Double, font: Font) -> (RichText, RichText)? {
    let signs = word.runs.flatMap { run in run.text.map { (String($0), run.level) } }
    func joined(_ part: ArraySlice<(String, RichText.Level)>) -> RichText {
      RichText(runs: part.map { .init(text: $0.0, level: $0.1) })
    }
    let ends = signs.indices.dropFirst().filter {
      ["_", "-", "/"].contains(signs[$0 - 1].0) && signs[$0 - 1].1 == .normal
    }
    guard let end = ends.last(where: { self.width(joined(signs[..<$0]), font: font) <= width }) else {
      return nil
    }
    return (joined(signs[..<end]), joined(signs[end...]))
  }

  /// As many signs of a word as fit, at least one, and the others.
  private static func split(_ word: RichText, width: Double, font: Font) -> (RichText, RichText) {
    let signs = word.runs.flatMap { run in run.text.map { (String($0), run.level) } }
    func joined(_ part: ArraySlice<(String, RichText.Level)>) -> RichText {
      RichText(runs: part.map { .init(text: $0.0, level: $0.1) })
    }
    var count = 1
    while count < signs.count - 1, self.width(joined(signs[..<(count + 1)]), font: font) <= width {
      count += 1
    }
    return (joined(signs[..<count]), joined(signs[count...]))
  }

  static func shortened(_ text: RichText, width: Double, font: Font) -> RichText {
    var letters = text.plain
    while letters.count > 1 {
      letters.removeLast()
      let candidate = RichText(plain: letters + "\u{2026}")
      if self.width(candidate, font: font) <= width { return candidate }
    }
    return RichText(plain: letters)
  }
}
