extension RichText {
  private static let words: [String: String] = [
    "um": "\u{00B5}m", "micron": "\u{00B5}m", "microns": "\u{00B5}m", "micrometer": "\u{00B5}m",
    "micrometre": "\u{00B5}m", "deg": "\u{00B0}", "degree": "\u{00B0}", "degrees": "\u{00B0}",
    "Angstrom": "\u{00C5}", "angstrom": "\u{00C5}",
  ]

  /// A unit as people read it, whatever a file or an option writes: `g cm^-3` with a raised exponent and its minus, `um` as µm.
  ///
  /// A caret raises the number behind it, or what stands in braces; everything else stays as it is.
  public init(unit text: some StringProtocol) {
    var runs: [Run] = []
    var plain = ""
    var word = ""
    func flush() {
      plain += Self.words[word] ?? word
      word = ""
    }
    var rest = Substring(text)
    while let character = rest.first {
      rest = rest.dropFirst()
      if character == "^", let length = Self.exponentLength(rest) {
        flush()
        runs.append(Run(text: plain, level: .normal))
        plain = ""
        let exponent = rest.prefix(length).filter { $0 != "{" && $0 != "}" }
        runs.append(Run(text: exponent.replacing("-", with: "\u{2212}"), level: .upper))
        rest = rest.dropFirst(length)
      } else if character.isLetter {
        word.append(character)
      } else {
        flush()
        plain.append(character)
      }
    }
    flush()
    runs.append(Run(text: plain, level: .normal))
    self.init(runs: runs)
  }

  /// Signs of a number or of a group in braces at the start of a text; nil where there is neither.
  private static func exponentLength(_ text: Substring) -> Int? {
    if text.first == "{" {
      return text.firstIndex(of: "}").map { text.distance(from: text.startIndex, to: $0) + 1 }
    }
    let sign = text.first == "-" || text.first == "\u{2212}" || text.first == "+" ? 1 : 0
    let digits = text.dropFirst(sign).prefix { $0.isASCII && $0.isNumber || $0 == "/" || $0 == "." }.count
    return digits > 0 ? sign + digits : nil
  }

  /// A unit in brackets behind a label; nothing where there is no unit.
  public static func inBrackets(unit: String?) -> RichText {
    guard let unit, !unit.isEmpty else { return RichText(runs: []) }
    // No line ends within a unit.
    return RichText(plain: " (") + RichText(unit: unit.replacing(" ", with: "\u{00A0}"))
      + RichText(plain: ")")
  }
}
