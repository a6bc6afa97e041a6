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

  /// Text in which `_2` or `_{0.8}` is lowered and `^2` or `^{-1}` is raised; `\_` is a plain sign.
  public init(_ markup: String) {
    self.init(runs: Self.parse(Array(Self.printable(markup))))
  }

  public init(stringLiteral value: String) { self.init(value) }

  /// The text without its levels.
  public var plain: String { runs.map(\.text).joined() }
  public var isEmpty: Bool { runs.isEmpty }

  public static func + (left: RichText, right: RichText) -> RichText {
    RichText(runs: left.runs + right.runs)
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
          take(level, String(next))
          position += 2
        }
      } else {
        text.append(sign)
        position += 1
      }
    }
    runs.append(Run(text: text, level: .normal))
    return runs
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
