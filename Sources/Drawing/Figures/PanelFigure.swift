/// Panels a, b, c in rows and columns, with one colour bar for all where they share a range.
public struct PanelFigure: Panel {
  public var panels: [any Panel]
  public var columns: Int
  /// Widths of the columns relative to each other.
  public var columnWeights: [Double]
  /// Panels that belong together: where there are fewer columns, a new row begins after each group.
  public var group: Int?
  public var showsLetters: Bool
  public var title: RichText?
  /// One legend of colours at the right of all panels.
  public var sharedColorBar: ColorBar?

  /// - Parameter columns: panels side by side; nil makes the grid nearly square.
  public init(
    _ panels: [any Panel], columns: Int? = nil, columnWeights: [Double] = [], letters: Bool = true,
    title: RichText? = nil
  ) {
    self.panels = panels
    let automatic = panels.count <= 3 ? panels.count : panels.count == 4 ? 2 : 3
    self.columns = min(max(1, columns ?? automatic), max(1, panels.count))
    self.columnWeights = columnWeights
    self.showsLetters = letters
    self.title = title
  }

  public var caption: String {
    title?.inline
      ?? panels.enumerated().map { Self.letter($0.offset) + ") " + $0.element.caption }.joined(
        separator: "; ")
  }

  /// a, b, ... z, aa, ab, ...
  package static func letter(_ index: Int) -> String {
    var text = ""
    var number = index
    repeat {
      text = String(UnicodeScalar(UInt8(97 + number % 26))) + text
      number = number / 26 - 1
    } while number >= 0
    return text
  }

  /// Panels of each row.
  private var rows: [Range<Int>] {
    let group = group.map { columns < $0 ? $0 : panels.count } ?? panels.count
    return stride(from: 0, to: panels.count, by: max(1, group)).flatMap { start in
      let end = min(panels.count, start + group)
      return stride(from: start, to: end, by: columns).map { $0..<min(end, $0 + columns) }
    }
  }

  /// Width of the narrowest panel.
  package func leastPanelWidth(forWidth width: Double, style: FigureStyle) -> Double {
    layout(width: width, style: style).cells.map(\.width).min() ?? width
  }

  private struct Arrangement {
    var title: [RichText]
    /// The panels with room for the longest title of their row.
    var panels: [any Panel]
    var top: Double
    var cells: [Rectangle]
    var bar: Rectangle?
    var height: Double
  }

  private func layout(width: Double, style: FigureStyle) -> Arrangement {
    let titles = title.map { TextLayout.wrapped($0, width: width, font: style.titleFont) } ?? []
    let top = titles.isEmpty ? 0 : Double(titles.count) * TextLayout.height(style.titleFont) + style.gap
    let gap = 3 * style.gap
    var barWidth = 0.0
    var result = Arrangement(title: titles, panels: panels, top: top, cells: [], bar: nil, height: top)
    // The width of the colour bar depends on its height and the height on the width that it leaves.
    for _ in 0..<(sharedColorBar == nil ? 1 : 3) {
      let room = width - (barWidth > 0 ? barWidth + gap : 0) - Double(columns - 1) * gap
      let weights = (0..<columns).map { $0 < columnWeights.count ? max(0.01, columnWeights[$0]) : 1 }
      let widths = weights.map { room * $0 / weights.reduce(0, +) }
      var y = top
      var cells: [Rectangle] = []
      for row in rows {
        let start = row.lowerBound
        alignTitles(of: &result.panels, in: row, widths: widths, style)
        let letter = showsLetters ? TextLayout.height(style.letterFont) : 0
        let height =
          row.map { result.panels[$0].height(forWidth: widths[$0 - start], style: style) }.max() ?? 0
        var x = 0.0
        for index in row {
          cells.append(Rectangle(x: x, y: y, width: widths[index - start], height: height + letter))
          x += widths[index - start] + gap
        }
        y += height + letter + gap
      }
      let bottom = max(top + 10, y - gap)
      result.cells = cells
      result.height = bottom
      if let bar = sharedColorBar {
        let height = min(bottom - top, max(60, 0.8 * (bottom - top)))
        barWidth = bar.width(height: height, style: style)
        result.bar = Rectangle(
          x: width - barWidth, y: top + (bottom - top - height) / 2, width: barWidth, height: height)
      }
    }
    return result
  }

  private func alignTitles(
    of panels: inout [any Panel], in row: Range<Int>, widths: [Double], _ style: FigureStyle
  ) {
    let lines = row.map { index in
      ((panels[index] as? any TitledPanel)?.title).map {
        TextLayout.wrapped($0, width: widths[index - row.lowerBound], font: style.titleFont).count
      } ?? 0
    }
    for index in row {
      guard var panel = panels[index] as? any TitledPanel else { continue }
      panel.titleLines = lines.max() ?? 0
      panels[index] = panel
    }
  }

  public func height(forWidth width: Double, style: FigureStyle) -> Double {
    layout(width: width, style: style).height
  }

  public func draw(into scene: inout Scene, frame: Rectangle, style: FigureStyle) {
    let layout = layout(width: frame.width, style: style)
    for (index, line) in layout.title.enumerated() {
      scene.text(
        line,
        at: Point(frame.x, frame.y + Double(index) * TextLayout.height(style.titleFont)),
        font: style.titleFont, .start, .top)
    }
    let letterHeight = showsLetters ? TextLayout.height(style.letterFont) : 0
    for (index, cell) in layout.cells.enumerated() {
      let place = Rectangle(
        x: frame.x + cell.x, y: frame.y + cell.y, width: cell.width, height: cell.height)
      if showsLetters {
        scene.text(
          RichText(plain: Self.letter(index)), at: Point(place.x, place.y), font: style.letterFont, .start,
          .top)
      }
      layout.panels[index].draw(into: &scene, frame: place.inset(top: letterHeight), style: style)
    }
    if let bar = layout.bar {
      sharedColorBar?.draw(
        into: &scene,
        frame: Rectangle(x: frame.x + bar.x, y: frame.y + bar.y, width: bar.width, height: bar.height),
        style: style)
    }
  }
}
