public import Volumetry

/// Text with subscripts and superscripts.
public struct RichText: Sendable, Hashable, ExpressibleByStringLiteral {
  public enum Level: Sendable, Hashable {
    case normal, lower, upper
  }

  public struct Run: Sendable, Hashable {
    public var text: String
    public var level: Level
  }

  public private(set) var runs: [Run]

  public init(runs: [Run]) {
    self.runs = runs.filter { !$0.text.isEmpty }
  }

  /// Text as it is, for names that come from files.
  public init(plain text: String) {
    self.init(runs: [Run(text: Self.printable(text), level: .normal)])
  }

  /// Text in which `_2`, `_0.8` or `_{any}` is lowered and `^2`, `^-1` or `^{any}` is raised: one sign, a number, or
  /// what stands in braces; `\_` is a plain sign.
  public init(_ markup: String) {
    self.init(runs: Self.parse(Array(Self.printable(markup))))
  }

  public init(stringLiteral value: String) { self.init(value) }

  /// The text without its levels.
  public var plain: String { runs.map(\.text).joined() }
  /// The text in a line of a file, where raised digits are signs of their own: `10⁻⁴`.
  public var inline: String {
    runs.map { run in
      guard run.level == .upper else { return run.text }
      let raised = run.text.map { Self.raised[$0] }
      return raised.contains(nil) ? "^" + run.text : String(raised.compactMap { $0 })
    }.joined()
  }

  private static let raised: [Character: Character] = [
    "0": "\u{2070}", "1": "\u{00B9}", "2": "\u{00B2}", "3": "\u{00B3}", "4": "\u{2074}", "5": "\u{2075}",
    "6": "\u{2076}", "7": "\u{2077}", "8": "\u{2078}", "9": "\u{2079}", "-": "\u{207B}",
    "\u{2212}": "\u{207B}", "+": "\u{207A}",
  ]

  public var isEmpty: Bool { runs.isEmpty }

  public static func + (left: RichText, right: RichText) -> RichText {
    RichText(runs: left.runs + right.runs)
  }

  /// - Throws: `usage` where a title or label is longer than any figure has room for.
  public static func check(_ text: String?, as name: String) throws(VoxelithError) {
    if let text {
      try NumberRange.labelLength.check(text.unicodeScalars.count, as: "letters of \(name)", code: .usage)
    }
  }

  private static func parse(_ characters: [Character]) -> [Run] {
    var runs: [Run] = []
    var text = ""
    var position = 0
    func take(_ level: Level, _ content: String) {
      runs.append(Run(text: text, level: .normal))
      runs.append(Run(text: content, level: level))
      text = ""
    }
    while position < characters.count {
      let sign = characters[position]
      let next = position + 1 < characters.count ? characters[position + 1] : nil
      if sign == "\\", let next, next == "_" || next == "^" {
        text.append(next)
        position += 2
      } else if sign == "_" || sign == "^", let next {
        let level: Level = sign == "_" ? .lower : .upper
        if next == "{", let end = characters[position...].firstIndex(of: "}") {
          take(level, String(characters[(position + 2)..<end]))
          position = end + 1
        } else {
          let number = numberLength(characters[(position + 1)...])
          take(level, String(characters[(position + 1)..<(position + 1 + max(1, number))]))
          position += 1 + max(1, number)
        }
      } else {
        text.append(sign)
        position += 1
      }
    }
    runs.append(Run(text: text, level: .normal))
    return runs
  }

  /// Signs of a number such as 12, 0.8 or -1 at the start of a text; 0 where there is none.
  private static func numberLength(_ characters: ArraySlice<Character>) -> Int {
    func isDigit(_ index: Int) -> Bool {
      characters.indices.contains(index) && ("0"..."9").contains(characters[index])
    }
    var end = characters.startIndex
    if characters.first == "-" { end += 1 }
    guard isDigit(end) else { return 0 }
    while isDigit(end) { end += 1 }
    if characters.indices.contains(end), characters[end] == ".", isDigit(end + 1) {
      end += 1
      while isDigit(end) { end += 1 }
    }
    return end - characters.startIndex
  }

  /// Control characters become spaces, so that no name can break a line or a file format.
  private static func printable(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          scalar.value < 32 || (127...159).contains(scalar.value)
            || scalar.value >= 0xFFFE && scalar.value <= 0xFFFF
            ? " " : scalar
        }))
  }
}
