/// What parts the fields of a line.
///
/// The most telling come first.
enum Separator: CaseIterable {
  case semicolon, tab, bar, comma, spaces

  private var byte: UInt8 {
    switch self {
    case .semicolon: 0x3B
    case .tab: 0x09
    case .bar: 0x7C
    case .comma: 0x2C
    case .spaces: 0x20
    }
  }

  /// Whether it may part the fields of a line.
  func isIn(_ line: Substring.UTF8View) -> Bool { self == .spaces || line.contains(byte) }

  /// The fields of a line. A separator within quotes parts nothing; one at its end closes the last field, unless `count`
  /// fields are awaited and an empty one is the last of them.
  func split(_ line: Substring.UTF8View, count: Int?) -> [Substring.UTF8View] {
    if self == .spaces { return line.split { $0 == 0x20 || $0 == 0x09 } }
    var parts =
      line.contains(0x22) ? quoted(line) : line.split(separator: byte, omittingEmptySubsequences: false)
    parts = parts.map { trimmed($0) }
    if let last = parts.last, last.isEmpty, parts.count > 1, parts.count != count { parts.removeLast() }
    return parts
  }

  private func quoted(_ line: Substring.UTF8View) -> [Substring.UTF8View] {
    var parts: [Substring.UTF8View] = []
    var start = line.startIndex
    var isInside = false
    var place = line.startIndex
    while place < line.endIndex {
      if line[place] == 0x22 { isInside.toggle() }
      if line[place] == byte, !isInside {
        parts.append(line[start..<place])
        start = line.index(after: place)
      }
      place = line.index(after: place)
    }
    parts.append(line[start...])
    return parts
  }

  /// The number that a field spells: an empty one is NaN; Fortran's exponent D, quotes, and decimal and thousands marks as
  /// `marks` has them are understood. Where commas part the fields, only those in quotes are marks.
  func number(_ field: Substring.UTF8View, marks: NumberMarks) -> Double? {
    if field.isEmpty { return .nan }
    if marks.thousands != NumberMarks.dot, let value = Double(Substring(field)) { return value }
    let isQuoted = field.first == 0x22 && field.last == 0x22 && field.count > 2
    if self == .comma && !isQuoted && field.contains(NumberMarks.comma) { return nil }
    let digits = isQuoted ? field.dropFirst().dropLast() : field
    if let value = marks.number(digits) { return value }
    guard marks.isProvisional else { return nil }
    return NumberMarks.commaIsThousands.number(digits) ?? NumberMarks.dotIsThousands.number(digits)
  }
}

/// Without spaces, tabs and no-break spaces at either end.
func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
  var piece = text.drop { $0 == 0x20 || $0 == 0x09 }
  while let last = piece.last, last == 0x20 || last == 0x09 { piece = piece.dropLast() }
  return piece
}
