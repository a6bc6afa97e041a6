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
      let guess = Separator.candidates(body).first { numbers(of: body, $0)?.contains { !$0.isNaN } == true }
      guard let guess, let values = numbers(of: body, guess) else {
        header = String(body)
        return
      }
      separator = guess
      columns = values.map { [$0] }
      names = columnNames(count: values.count)
      return
    }
    guard let separator, let values = numbers(of: body, separator) else {
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

  /// Names from the header, or from the comment just above the numbers, where they fit.
  private func columnNames(count: Int) -> [String]? {
    for candidate in [header, lastComment].compactMap({ $0 }) {
      for separator in Separator.candidates(candidate[...].utf8) {
        let parts = separator.split(candidate[...].utf8).map { (String($0) ?? "").trimmingQuotes() }
        if parts.count == count && parts.allSatisfy({ !$0.isEmpty && Double($0) == nil }) { return parts }
      }
    }
    return nil
  }

  private func numbers(of line: Substring.UTF8View, _ separator: Separator) -> [Double]? {
    let parts = separator.split(line)
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
private enum Separator {
  case semicolon, tab, comma, spaces

  /// What may part the fields of a line, the most telling first.
  static func candidates(_ line: Substring.UTF8View) -> [Separator] {
    var found: [Separator] = []
    if line.contains(0x3B) { found.append(.semicolon) }
    if line.contains(0x09) { found.append(.tab) }
    if line.contains(0x2C) { found.append(.comma) }
    return found + [.spaces]
  }

  func split(_ line: Substring.UTF8View) -> [Substring.UTF8View] {
    let byte: UInt8 =
      switch self {
      case .semicolon: 0x3B
      case .tab: 0x09
      case .comma: 0x2C
      case .spaces: 0x20
      }
    if self == .spaces { return line.split { $0 == 0x20 || $0 == 0x09 } }
    var parts = line.split(separator: byte, omittingEmptySubsequences: false).map { trimmed($0) }
    if let last = parts.last, last.isEmpty, parts.count > 1 { parts.removeLast() }
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
