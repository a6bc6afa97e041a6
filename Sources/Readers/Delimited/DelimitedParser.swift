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
  /// Which marks part whole numbers from decimals, and thousands from one another.
  private let marks: NumberMarks
  private var evidence = MarkEvidence()

  init(file: String) { self.init(file: file, marks: NumberMarks(isProvisional: true)) }

  private init(file: String, marks: NumberMarks) {
    self.file = file
    self.marks = marks
  }

  mutating func parse(_ bytes: [UInt8]) throws(VoxelithError) -> DelimitedTable {
    let text = FileText.plainMarks(FileText.whole(bytes))
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
    // Whether a comma is a decimal mark or parts thousands shows only when all numbers were seen.
    let marks = try evidence.marks(file: file)
    if evidence.isOpen, self.marks.isProvisional {
      var again = DelimitedParser(file: file, marks: marks)
      return try again.parse(bytes)
    }
    return DelimitedTable(file: file, names: names, columns: columns, comments: comments)
  }

  private mutating func take(_ line: Substring, number: Int) throws(VoxelithError) {
    let content = line.utf8.prefix { $0 != 0x23 }
    if content.count < line.utf8.count {
      let comment = trimmed(line.utf8[content.endIndex...].drop { $0 == 0x23 })
      comments.append(FileText.narrow(String(comment) ?? ""))
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
      look(at: body, separator: found, count: values.count)
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
    look(at: body, separator: separator, count: columns.count)
  }

  /// Where commas part the fields, and none is quoted, there is nothing to find out of the marks.
  private mutating func look(at line: Substring.UTF8View, separator: Separator, count: Int) {
    if separator == .comma && !line.contains(0x22) { return }
    evidence.add(separator.split(line, count: count), separator: separator)
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
      let parts = separator.split(text[...].utf8, count: nil).map {
        FileText.narrow((String($0) ?? "").trimmingQuotes())
      }
      guard parts.allSatisfy({ !$0.isEmpty && Double($0) == nil }) else { return nil }
      // `unit keV` and `sample: a` are remarks; names of columns have no such words.
      let isRemark = parts.contains {
        ["unit", "units"].contains($0.lowercased()) || $0.hasSuffix(":") || $0 == "="
      }
      return separator == .spaces && isRemark ? nil : parts
    }
  }

  private func numbers(of line: Substring.UTF8View, _ separator: Separator, count: Int?) -> [Double]? {
    let parts = separator.split(line, count: count)
    var values: [Double] = []
    values.reserveCapacity(parts.count)
    for part in parts {
      guard let value = separator.number(part, marks: marks) else { return nil }
      values.append(value)
    }
    return values
  }
}

extension String {
  fileprivate func trimmingQuotes() -> String {
    count >= 2 && hasPrefix("\"") && hasSuffix("\"") ? String(dropFirst().dropLast()) : self
  }
}
