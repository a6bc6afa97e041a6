import Drawing
import Testing

@Suite struct TextTests {
  private func marked(_ text: RichText) -> String {
    text.runs.map { run in
      switch run.level {
      case .normal: run.text
      case .lower: "_{\(run.text)}"
      case .upper: "^{\(run.text)}"
      }
    }.joined()
  }

  @Test(arguments: [
    ("LixNi0.8Mn0.1Co0.1O2", "Li_{x}Ni_{0.8}Mn_{0.1}Co_{0.1}O_{2}"),
    ("Li1-xCoO2", "Li_{1\u{2212}x}CoO_{2}"),
    ("LiFePO4", "LiFePO_{4}"),
    ("CO2", "CO_{2}"), ("CoO2", "CoO_{2}"),
    ("Ca(OH)2", "Ca(OH)_{2}"),
    ("C6H12O6", "C_{6}H_{12}O_{6}"),
    ("", ""),
  ])
  func formulas(_ formula: String, _ expected: String) {
    #expect(marked(RichText(formula: formula)) == expected)
  }

  @Test(arguments: [
    ("p_z", "p_{z}"), ("10^6 counts", "10^{6} counts"), ("x^{-1}", "x^{-1}"), ("a\\_b", "a_b"),
    ("open_{brace", "open_{{}brace"), ("_", "_"),
  ])
  func markup(_ text: String, _ expected: String) {
    #expect(marked(RichText(text)) == expected)
  }

  @Test func ticksAreRoundNumbers() {
    #expect(
      Ticks.linear(0, 1, atMost: 6).ticks.map(\.label.plain) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(Ticks.linear(-0.3, 0.3, atMost: 4).ticks.map(\.label.plain) == ["\u{2212}0.2", "0.0", "0.2"])
    #expect(
      Ticks.linear(0, 3e6, atMost: 4).ticks.map(\.label.plain)
        == ["0", "10\u{D7}106", "2\u{D7}106", "3\u{D7}106"].map { $0 == "10\u{D7}106" ? "106" : $0 })
    #expect(Ticks.logarithmic(1, 1000, atMost: 8).ticks.map(\.label.plain) == ["1", "10", "100", "1000"])
    #expect(Ticks.linear(1, 1, atMost: 5).ticks.isEmpty)
    for (low, high) in [(0.0, 1.0), (-3.7, 12.1), (1e-9, 3e-9), (99.99, 100.01), (-1e12, 1e12)] {
      for count in 2...9 {
        let ticks = Ticks.linear(low, high, atMost: count).ticks
        #expect(ticks.count <= count)
        #expect(
          ticks.allSatisfy { $0.value >= low - 1e-9 * (high - low) && $0.value <= high + 1e-9 * (high - low) }
        )
      }
    }
  }

  @Test func longTitlesAreBroken() {
    let font = Font(size: 7)
    let lines = TextLayout.wrapped(
      "a title of many words that is much wider than the figure", width: 80, font: font)
    #expect(lines.count > 1)
    #expect(lines.allSatisfy { TextLayout.width($0, font: font) <= 80 })
    let word = TextLayout.wrapped(RichText(plain: String(repeating: "m", count: 100)), width: 50, font: font)
    #expect(word.count == 1 && TextLayout.width(word[0], font: font) <= 50)
  }
}
