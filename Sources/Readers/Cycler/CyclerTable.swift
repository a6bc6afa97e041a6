import Volumetry

/// The text of a cycler's file as headings and rows of fields, whoever wrote it.
struct CyclerTable {
  let maker: CyclerRecord.Maker
  let headings: [String]
  private(set) var rows: [Row]
  let separator: Separator

  struct Row {
    let line: Int
    let fields: [Substring.UTF8View]
    /// Name and number of the step that a line above tells, in files that nest records in steps.
    let stepType: String?
    let step: Int

    /// The field of a column; empty where the row is short.
    func field(_ column: Int) -> Substring.UTF8View {
      column < fields.count ? fields[column] : Substring().utf8
    }
  }

  /// - Throws: `data` where no line names a time and what to measure beside it, or no row follows.
  init(_ text: String, named: CyclerColumns, file: String) throws(VoxelithError) {
    let lines = Self.lines(text)
    guard let heading = Self.heading(lines, named: named) else {
      throw VoxelithError(
        .data, "no line of the file names columns of time, voltage, current or charge with their units",
        file: file,
        advice:
          "give BioLogic .mpt, Neware or Arbin CSV, or a CSV with a heading such as 'time (s),voltage (V),current (mA)'"
      )
    }
    separator = heading.separator
    headings = heading.separator.split(lines[heading.line], count: nil).map { Self.plain($0) }
    // Neware's older files indent records below their steps, and steps below their cycles.
    let indent = headings.prefix { $0.isEmpty }.count
    let above = heading.line > 0 ? Self.indent(lines[heading.line - 1], separator) : nil
    let depth = indent > 0 && above == indent - 1 ? indent : 0
    var rows: [Row] = []
    var stepType: String?
    var step = 0
    let stepHeading =
      depth > 0 && heading.line > 0
      ? separator.split(lines[heading.line - 1], count: nil).map { Self.plain($0) } : []
    let typeColumn = stepHeading.firstIndex { CyclerColumn.parse($0)?.quantity == .stepType }
    for (number, line) in lines.enumerated().dropFirst(heading.line + 1) {
      guard line.contains(where: { $0 != 0x20 && $0 != 0x09 }) else { continue }
      let fields = separator.split(line, count: headings.count)
      guard fields.contains(where: { !$0.isEmpty }) else { continue }
      let own = fields.prefix { $0.isEmpty }.count
      if depth > 0, own < depth {
        if own == depth - 1 {
          step += 1
          stepType = typeColumn.flatMap { $0 < fields.count ? Self.plain(fields[$0]) : nil }
        }
        continue
      }
      rows.append(Row(line: number + 1, fields: fields, stepType: stepType, step: step))
    }
    guard !rows.isEmpty else {
      throw VoxelithError(.data, "the file has a heading and no points", file: file)
    }
    self.rows = rows
    maker =
      heading.isBioLogic ? .bioLogic : Self.maker(headings, isNested: depth > 0)
  }

  private static func maker(_ headings: [String], isNested: Bool) -> CyclerRecord.Maker {
    let names = Set(headings.map { CyclerColumn.parts($0).name })
    if isNested || names.contains("dchg.cap.") || names.contains("datapoint") && names.contains("steptype") {
      return .neware
    }
    if names.contains("testtime") && (names.contains("dischargecapacity") || names.contains("stepindex")) {
      return .arbin
    }
    return .other
  }

  /// Leaves out lines at the end that lack one of some columns: a footer, or a line that is still being written.
  ///
  /// - Returns: how many.
  mutating func dropOpenEnd(_ columns: [Int]) -> Int {
    func isOpen(_ field: Substring.UTF8View) -> Bool {
      if field.contains(0x3A) { return false }
      if [NumberMarks(), .commaIsThousands, .dotIsThousands].contains(where: { marks in
        separator.number(field, marks: marks)?.isNaN == false
      }) {
        return false
      }
      return true
    }
    var dropped = 0
    while dropped < 3, rows.count > 1, let last = rows.last,
      columns.contains(where: { isOpen(last.field($0)) })
    {
      rows.removeLast()
      dropped += 1
    }
    return dropped
  }

  private struct Heading {
    var line: Int
    var separator: Separator
    var isBioLogic = false
  }

  /// The line that names the columns: where the head of a BioLogic file says, else the one with most known names.
  private static func heading(_ lines: [Substring.UTF8View], named: CyclerColumns) -> Heading? {
    let first = lines.first.map { String(Substring($0)) } ?? ""
    if first.hasPrefix("EC-Lab ASCII FILE") || first.hasPrefix("BT-Lab ASCII FILE") {
      for line in lines.prefix(4) {
        let text = String(Substring(line))
        guard text.hasPrefix("Nb header lines"), let colon = text.firstIndex(of: ":"),
          let count = Int(text[text.index(after: colon)...].filter { $0.isNumber }),
          (1...lines.count).contains(count)
        else { continue }
        return Heading(line: count - 1, separator: .tab, isBioLogic: true)
      }
    }
    var best: (known: Int, indent: Int, heading: Heading)?
    for (number, line) in lines.prefix(200).enumerated() {
      for separator in [Separator.tab, .semicolon, .comma] where separator.isIn(line) {
        let titles = separator.split(line, count: nil).map { plain($0) }
        let known = titles.compactMap { named.quantity(of: $0) ?? CyclerColumn.parse($0)?.quantity }
        let hasTime = known.contains { [.time, .stepTime, .date].contains($0) }
        // Of nested headings the deepest is that of the points.
        let depth = titles.prefix { $0.isEmpty }.count
        if hasTime, known.count >= 2, (known.count, depth) > (best?.known ?? 0, best?.indent ?? -1) {
          best = (known.count, depth, Heading(line: number, separator: separator))
        }
      }
    }
    guard var heading = best?.heading else { return nil }
    heading.isBioLogic = first.hasPrefix("EC-Lab") || first.hasPrefix("BT-Lab")
    return heading
  }

  /// Empty fields at the beginning of a line; nil for a line without any other.
  private static func indent(_ line: Substring.UTF8View, _ separator: Separator) -> Int? {
    let fields = separator.split(line, count: nil)
    let count = fields.prefix { $0.isEmpty }.count
    return count < fields.count ? count : nil
  }

  private static func plain(_ field: Substring.UTF8View) -> String {
    let text = String(Substring(field))
    return text.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"")
      ? String(text.dropFirst().dropLast()) : text
  }

  private static func lines(_ text: String) -> [Substring.UTF8View] {
    var result: [Substring.UTF8View] = []
    var rest = text.utf8[...]
    while !rest.isEmpty {
      let end = rest.firstIndex { $0 == 0x0A || $0 == 0x0D } ?? rest.endIndex
      result.append(rest[..<end])
      guard end < rest.endIndex else { break }
      var next = rest.index(after: end)
      if rest[end] == 0x0D, next < rest.endIndex, rest[next] == 0x0A { next = rest.index(after: next) }
      rest = rest[next...]
    }
    return result
  }
}
