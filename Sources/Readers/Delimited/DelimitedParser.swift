import Volumetry

/// Reads the lines of a table one after another.
struct DelimitedParser {
  private let file: String
  private var separator: Separator?
  private var header: String?
  private var lastComment: String?
  private var names: [String]?
  private var columns: [[Double]] = []
  private var comments: [String] = []

  init(file: String) { self.file = file }

  mutating func parse(_ bytes: [UInt8]) throws(VoxelithError) -> DelimitedTable {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text = FileText.decode(bytes.starts(with: mark) ? bytes[3...] : bytes[...])
    var number = 0
    var rest = text.utf8[...]
    while !rest.isEmpty {
      number += 1
      let end = rest.firstIndex { $0 == 0x0A || $0 == 0x0D }
      try take(Substring(rest[..<(end ?? rest.endIndex)]), number: number)
      guard let end else { break }
      var next = rest.index(after: end)
      if rest[end] == 0x0D, next < rest.endIndex, rest[next] == 0x0A { next = rest.index(after: next) }
      rest = rest[next...]
    }
    guard !columns.isEmpty else {
      throw VoxelithError(.data, "the file holds no line of numbers", file: file)
    }
    return DelimitedTable(file: file, names: names, columns: columns, comments: comments)
  }

  private mutating func take(_ line: Substring, number: Int) throws(VoxelithError) {
    let content = line.utf8.prefix { $0 != 0x23 }
    if content.count < line.utf8.count {
      let comment = trimmed(line.utf8[content.endIndex...].drop { $0 == 0x23 })
      comments.append(String(comment) ?? "")
      if trimmed(content).isEmpty {
        lastComment = comments.last
        return
      }
    }
    let body = trimmed(content)
    if body.isEmpty || body.first == 0x25 { return }
    if columns.isEmpty {
      guard let (found, values) = firstNumbers(of: body) else {
        header = String(body)
        return
      }
      separator = found
      columns = values.map { [$0] }
      names = columnNames(count: values.count)
      return
    }
    guard let separator, let values = numbers(of: body, separator, count: columns.count)
    else {
      throw VoxelithError(
        .data, "'\((String(body) ?? "").prefix(60))' is not a line of numbers", file: file,
        place: "line \(number)")
    }
    guard values.count == columns.count else {
      throw VoxelithError(
        .data, "\(values.count) numbers where the lines above have \(columns.count)", file: file,
        place: "line \(number)")
    }
    for (index, value) in values.enumerated() { columns[index].append(value) }
  }

  /// The first separator by which a line holds a number.
  private func firstNumbers(of line: Substring.UTF8View) -> (Separator, [Double])? {
    for separator in Separator.allCases where separator.isIn(line) {
      let count = headings(by: separator).first?.count
      if let values = numbers(of: line, separator, count: count), values.contains(where: { !$0.isNaN }) {
        return (separator, values)
      }
    }
    return nil
  }

  /// Names from the header, or from the comment just above the numbers, where they fit.
  private func columnNames(count: Int) -> [String]? {
    Separator.allCases.flatMap { headings(by: $0) }.first { $0.count == count }
  }

  private func headings(by separator: Separator) -> [[String]] {
    [header, lastComment].compactMap { text in
      guard let text, separator.isIn(text[...].utf8) else { return nil }
      let parts = separator.split(text[...].utf8, count: nil).map { (String($0) ?? "").trimmingQuotes() }
      return parts.allSatisfy({ !$0.isEmpty && Double($0) == nil }) ? parts : nil
    }
  }

  private func numbers(of line: Substring.UTF8View, _ separator: Separator, count: Int?) -> [Double]? {
    let parts = separator.split(line, count: count)
    var values: [Double] = []
    values.reserveCapacity(parts.count)
    for part in parts {
      guard let value = separator.number(part) else { return nil }
      values.append(value)
    }
    return values
  }
}

/// What parts the fields of a line.
///
/// The most telling come first.
private enum Separator: CaseIterable {
  case semicolon, tab, comma, spaces

  private var byte: UInt8 {
    switch self {
    case .semicolon: 0x3B
    case .tab: 0x09
    case .comma: 0x2C
    case .spaces: 0x20
    }
  }

  /// Whether it may part the fields of a line.
  func isIn(_ line: Substring.UTF8View) -> Bool { self == .spaces || line.contains(byte) }

  /// The fields of a line. A separator at its end closes the last field, unless `count` fields are awaited and an
  /// empty one is the last of them.
  func split(_ line: Substring.UTF8View, count: Int?) -> [Substring.UTF8View] {
    if self == .spaces { return line.split { $0 == 0x20 || $0 == 0x09 } }
    var parts = line.split(separator: byte, omittingEmptySubsequences: false).map { trimmed($0) }
    if let last = parts.last, last.isEmpty, parts.count > 1, parts.count != count { parts.removeLast() }
    return parts
  }

  /// The number that a field spells: an empty one is NaN; Fortran's exponent D and, where commas part
  /// no fields, the decimal comma are understood.
  func number(_ field: Substring.UTF8View) -> Double? {
    if field.isEmpty { return .nan }
    if let value = Double(Substring(field)) { return value }
    let changed = field.map { byte -> UInt8 in
      switch byte {
      case 0x44, 0x64: 0x65
      case 0x2C where self != .comma: 0x2E
      default: byte
      }
    }
    return Double(String(decoding: changed, as: UTF8.self))
  }
}

/// Without spaces, tabs and no-break spaces at either end.
private func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
  var piece = text.drop { $0 == 0x20 || $0 == 0x09 }
  while let last = piece.last, last == 0x20 || last == 0x09 { piece = piece.dropLast() }
  return piece
}

extension String {
  fileprivate func trimmingQuotes() -> String {
    count >= 2 && hasPrefix("\"") && hasSuffix("\"") ? String(dropFirst().dropLast()) : self
  }
}
