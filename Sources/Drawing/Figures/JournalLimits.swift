import Volumetry

/// What a journal accepts, as its guide for authors had it in 2026. Journals change theirs: their own page stands above.
public struct JournalLimits: Sendable, Hashable {
  /// Height of a figure at most, so that its caption fits on the page; nil where the guide does not say it.
  public var height: Length?
  /// Points of text at least, and of its subscripts and superscripts.
  public var text = 7.0
  public var script = 5.0
  /// Points of a line.
  public var lines = 0.25...3.0
  /// Pixels per inch of PNG at least.
  public var resolution = 300.0
  /// Families that are asked for, the preferred one first.
  public var families = ["Arial", "Helvetica"]

  public init() {}
}

extension JournalPreset {
  /// What an art editor would send back, one sentence each; empty for a figure as the journal wants it.
  ///
  /// - Parameters:
  ///   - dpi: pixels per inch of a PNG; nil for files without pixels of their own.
  public func complaints(about scene: Scene, dpi: Double?) -> [String] {
    let limits = limits
    var found: [String] = []
    func number(_ value: Double) -> String { Ticks.number(value, digits: 3) }
    let page = (Length.points(scene.size.width).millimetres, Length.points(scene.size.height).millimetres)
    if page.0 > doubleColumn.millimetres + 0.05 {
      found.append(
        "the figure is \(number(page.0)) mm wide; \(rawValue) takes \(number(doubleColumn.millimetres)) mm at most"
      )
    }
    if let height = limits.height, page.1 > height.millimetres + 0.05 {
      found.append(
        "the figure is \(number(page.1)) mm high; \(rawValue) takes \(number(height.millimetres)) mm at most: "
          + "use more columns or fewer panels")
    }
    let ink = scene.ink
    if let least = ink.text, least < limits.text - 0.01 {
      found.append("text of \(number(least)) pt; \(rawValue) asks for \(number(limits.text)) pt at least")
    }
    if let least = ink.script, least < limits.script - 0.01 {
      found.append(
        "subscripts of \(number(least)) pt; \(rawValue) asks for \(number(limits.script)) pt at least")
    }
    if let thinnest = ink.lines?.lowerBound, thinnest < limits.lines.lowerBound - 0.001 {
      found.append(
        "lines of \(number(thinnest)) pt; \(rawValue) asks for \(number(limits.lines.lowerBound)) pt at least"
      )
    }
    if let widest = ink.lines?.upperBound, widest > limits.lines.upperBound + 0.001 {
      found.append(
        "lines of \(number(widest)) pt; \(rawValue) takes \(number(limits.lines.upperBound)) pt at most")
    }
    if let dpi, dpi < limits.resolution {
      found.append(
        "\(number(dpi)) pixels per inch; \(rawValue) asks for \(number(limits.resolution)), or for PDF")
    }
    for family in ink.families.sorted() {
      if limits.families.contains(where: { $0.lowercased() == family.lowercased() }) { continue }
      let choice = FontChoice(limits.families)
      found.append(
        choice.family == family
          ? choice.note ?? ""
          : "letters of \(family); \(rawValue) asks for \(limits.families.joined(separator: " or "))")
    }
    return found
  }
}

extension Scene {
  /// What is drawn: the smallest text and the smallest subscript in points, the widths of lines, the families of letters.
  var ink: (text: Double?, script: Double?, lines: ClosedRange<Double>?, families: Set<String>) {
    var families: Set<String> = []
    var text: [Double] = []
    var script: [Double] = []
    var lines: [Double] = []
    func collect(_ marks: [Mark]) {
      for mark in marks {
        switch mark {
        case .text(let line):
          for run in line.runs {
            families.insert(run.font.family)
            if run.offset.y == 0 { text.append(run.font.size) } else { script.append(run.font.size) }
          }
        case .shape(_, _, let stroke): if let stroke { lines.append(stroke.width) }
        case .group(let inner, _, _): collect(inner)
        case .image: break
        }
      }
    }
    collect(marks)
    let range = lines.min().flatMap { low in lines.max().map { low...$0 } }
    return (text.min(), script.min(), range, families)
  }

  /// Text that reaches beyond the page by more than half a point.
  var textBeyondThePage: [String] {
    textBoxes.filter {
      $0.box.left < -0.5 || $0.box.top < -0.5 || $0.box.right > size.width + 0.5
        || $0.box.bottom > size.height + 0.5
    }.map { "'\($0.text)'" }
  }
}
