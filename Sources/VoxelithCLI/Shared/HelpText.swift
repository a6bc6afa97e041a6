import Foundation

/// Help laid out for the width of a terminal: sentences filled, options with their words in a column, examples broken with
/// the backslashes that a shell wants.
enum HelpText {
  /// Where the words of an option begin.
  private static let column = 26

  /// Columns of the terminal: `COLUMNS` where it is set, 80 where there is no terminal.
  static var width: Int { terminalWidth ?? 80 }

  /// Columns that a line of results may take; nil where no terminal shows it, so that a script finds each line whole.
  static var terminalWidth: Int? {
    if let text = ProcessInfo.processInfo.environment["COLUMNS"], let columns = Int(text), columns > 0 {
      return max(30, columns)
    }
    for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
      var size = winsize()
      if unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
        // Lines longer than these are hard to read.
        return max(30, min(100, Int(size.ws_col)))
      }
    }
    return nil
  }

  /// - Parameter text: the help without line breaks of its own but those of its source.
  static func fitted(_ text: String, width: Int) -> String {
    var out: [String] = []
    var paragraph = ""
    var command = ""
    var isList = false
    func flush() {
      if !paragraph.isEmpty { out += filled(paragraph, width: width, first: "", next: "") }
      paragraph = ""
    }
    for line in ordered(text.components(separatedBy: "\n")) {
      let words = line.trimmingCharacters(in: .whitespaces)
      if !command.isEmpty {
        // The rest of an example that its source breaks.
        command += " " + words.trimmingCharacters(in: CharacterSet(charactersIn: "\\ "))
        if !words.hasSuffix("\\") {
          out += example(command, width: width)
          command = ""
        }
        continue
      }
      if line.isEmpty || line.hasPrefix("  ") || isHeading(line) || line.hasPrefix("USAGE: ") { flush() }
      if isHeading(line) { isList = true }
      if line.hasPrefix("OVERVIEW: ") || line.hasPrefix("USAGE: ") { isList = false }
      if line.isEmpty || isHeading(line) {
        out.append(line)
      } else if line.hasPrefix("USAGE: ") {
        out += filled(line, width: width, first: "", next: "       ")
      } else if isList && line.hasPrefix("  ") {
        out += row(line, width: width)
      } else if words.hasPrefix("voxelith ") && line.hasPrefix("  ") {
        if words.hasSuffix("\\") {
          command = String(words.dropLast()).trimmingCharacters(in: .whitespaces)
        } else {
          out += example(words, width: width)
        }
      } else if line.hasPrefix("  ") {
        let indent = String(line.prefix { $0 == " " })
        out += filled(words, width: width, first: indent, next: indent + "  ")
      } else if words.hasSuffix(":") {
        flush()
        out += filled(words, width: width, first: "", next: "")
      } else {
        paragraph += paragraph.isEmpty ? words : " " + words
      }
    }
    flush()
    return out.joined(separator: "\n")
  }

  /// The options of the command itself before the groups of others.
  private static func ordered(_ lines: [String]) -> [String] {
    guard let start = lines.firstIndex(of: "OPTIONS:") else { return lines }
    let end =
      lines[(start + 1)...].firstIndex { isHeading($0) || !($0.isEmpty || $0.hasPrefix("  ")) }
      ?? lines.endIndex
    guard let first = lines.firstIndex(where: { isHeading($0) && $0 != "ARGUMENTS:" }), first < start else {
      return lines
    }
    var own = Array(lines[start..<end])
    while own.last?.isEmpty == true { own.removeLast() }
    return lines[..<first] + own + [""] + lines[first..<start] + lines[end...]
  }

  /// Values and a default that the words of an option name already are not named again.
  static func onceNamed(_ words: String) -> String {
    guard words.hasSuffix(")"), let open = words.range(of: " (", options: .backwards) else { return words }
    let own = words[..<open.lowerBound]
    var parts = words[open.upperBound...].dropLast().components(separatedBy: "; ")
    func isNamed(_ value: String) -> Bool {
      own.split { !($0.isLetter || $0.isNumber || "-_".contains($0)) }.contains { $0 == value }
    }
    parts.removeAll { part in
      if part.hasPrefix("values: ") {
        return part.dropFirst(8).components(separatedBy: ", ").allSatisfy(isNamed)
      }
      return part.hasPrefix("default: ") && own.contains("(" + part + ")")
    }
    return own + (parts.isEmpty ? "" : " (" + parts.joined(separator: "; ") + ")")
  }

  /// `OPTIONS:`, `THREE DIMENSIONS:`.
  private static func isHeading(_ line: String) -> Bool {
    line.hasSuffix(":") && line.count > 2
      && line.dropLast().allSatisfy { $0.isUppercase || $0 == " " || $0 == "-" }
  }

  /// An option or argument with its words.
  private static func row(_ line: String, width: Int) -> [String] {
    let column = min(column, max(8, width / 3))
    let indent = String(repeating: " ", count: column)
    let isRest = line.hasPrefix(String(repeating: " ", count: Self.column))
    if isRest {
      return filled(
        onceNamed(line.trimmingCharacters(in: .whitespaces)), width: width, first: indent, next: indent)
    }
    let letters = Array(line)
    var label = line
    var words = ""
    if letters.count > Self.column, letters[Self.column - 1] == " ", letters[Self.column] != " " {
      label = String(letters[..<Self.column])
      words = onceNamed(String(letters[Self.column...]))
    }
    label = String(label.reversed().drop { $0 == " " }.reversed())
    let head = filled(
      label.trimmingCharacters(in: .whitespaces), width: width, first: "  ", next: "      ")
    guard !words.isEmpty else { return head }
    guard label.count < column else {
      return head + filled(words, width: width, first: indent, next: indent)
    }
    let first = label + String(repeating: " ", count: column - label.count)
    return filled(words, width: width, first: first, next: indent)
  }

  /// A command for a shell, broken between its arguments.
  private static func example(_ command: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = "  "
    for word in arguments(command) {
      if line.count > 6, line.count + 1 + word.count > width - 2 {
        lines.append(line + " \\")
        line = "      " + word
      } else {
        line += line.allSatisfy { $0 == " " } ? word : " " + word
      }
    }
    return lines + [line]
  }

  /// Words that stand together in a shell: quoted ones are one, and so are an option and its value.
  private static func arguments(_ command: String) -> [String] {
    var words: [String] = []
    var word = ""
    var quote: Character?
    for sign in command {
      if sign == quote {
        quote = nil
      } else if quote == nil, sign == "'" || sign == "\"" {
        quote = sign
      }
      if sign == " ", quote == nil {
        if !word.isEmpty { words.append(word) }
        word = ""
      } else {
        word.append(sign)
      }
    }
    if !word.isEmpty { words.append(word) }
    var joined: [String] = []
    for word in words {
      if let last = joined.last, last.hasPrefix("-"), !last.contains(" "), !word.hasPrefix("-") {
        joined[joined.count - 1] += " " + word
      } else {
        joined.append(word)
      }
    }
    return joined
  }

  /// A line as it stands where it fits; else broken between words, with the rest indented below the first words.
  static func broken(_ line: String, width: Int) -> [String] {
    guard line.count > width else { return [line] }
    let indent = hanging(line, width: width)
    var lines: [String] = []
    var rest = Substring(line)
    while rest.count > width {
      let head = rest.prefix(width + 1)
      // A break right after the indent would leave an empty line.
      guard
        let space = head.dropFirst(lines.isEmpty ? line.prefix { $0 == " " }.count : indent.count).lastIndex(
          of: " ")
          ?? rest.dropFirst(width).firstIndex(of: " ")
      else { break }
      lines.append(String(rest[..<space].reversed().drop { $0 == " " }.reversed()))
      rest = rest[space...].drop { $0 == " " }
      guard !rest.isEmpty else { return lines }
      rest = Substring(indent + rest)
    }
    return lines + [String(rest)]
  }

  /// Space below the first words, or below those of the second column where a label stands before them.
  private static func hanging(_ line: String, width: Int) -> String {
    let start = line.prefix { $0 == " " }.count
    var column = start + 2
    let letters = Array(line)
    for index in start..<max(start, min(letters.count, width / 3)) where index >= start + 2 {
      if letters[index] != " ", letters[index - 1] == " ", letters[index - 2] == " " {
        column = index
        break
      }
    }
    return String(repeating: " ", count: min(column, width / 2))
  }

  /// Breaks words into lines; a word that is longer than a line stands alone.
  static func filled(_ text: String, width: Int, first: String, next: String) -> [String] {
    var lines: [String] = []
    var line = first
    var isFresh = true
    for word in text.split(separator: " ") {
      if !isFresh, line.count + 1 + word.count > width {
        lines.append(line)
        line = next
        isFresh = true
      }
      line += (isFresh ? "" : " ") + word
      isFresh = false
    }
    return lines + [line]
  }
}
