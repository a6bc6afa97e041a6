import Drawing

/// Units in plain text, where there are no raised letters but those of Unicode: `g cm^-3` is `g cm⁻³`.
enum UnitText {
  private static let raised: [Character: Character] = [
    "0": "\u{2070}", "1": "\u{00B9}", "2": "\u{00B2}", "3": "\u{00B3}", "4": "\u{2074}", "5": "\u{2075}",
    "6": "\u{2076}", "7": "\u{2077}", "8": "\u{2078}", "9": "\u{2079}", "\u{2212}": "\u{207B}",
    "+": "\u{207A}",
  ]

  static func plain(_ unit: String) -> String {
    RichText(unit: unit).runs.map { run in
      guard run.level == .upper else { return run.text }
      let signs = run.text.compactMap { raised[$0] }
      return signs.count == run.text.count ? String(signs) : "^" + run.text
    }.joined()
  }
}
