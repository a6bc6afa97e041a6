import Drawing
import Testing
import Volumetry

/// Digits of numbers follow their errors, and units are read as people write them.
@Suite struct ErrorDigitsTests {
  @Test(
    arguments: [
      (0.55312345, 0.0043, "0.5531 \u{00B1} 0.0043"), (0.553, 0.0996, "0.55 \u{00B1} 0.10"),
      (15256, 3272, "15300 \u{00B1} 3300"), (-0.00002, 0.012, "0.000 \u{00B1} 0.012"),
      (-1.26, 0.3, "\u{2212}1.26 \u{00B1} 0.30"), (99.96, 9.96, "100 \u{00B1} 10"),
    ] as [(Double, Double, String)])
  func twoDigitsOfTheErrorAreTold(_ value: Double, _ sigma: Double, _ text: String) {
    #expect(ErrorDigits.text(value, sigma) == text)
  }

  @Test func whatHasNoErrorHasFourDigits() {
    #expect(ErrorDigits.text(0.123456, nil) == "0.1235" && ErrorDigits.text(0.123456, 0) == "0.1235")
    #expect(ErrorDigits.text(0.123456, .nan) == "0.1235")
    #expect(ErrorDigits.error(0.05) == "0.050" && ErrorDigits.error(0.0499) == "0.050")
    let ends = ErrorDigits.ends(0.0184, low: -0.0673, high: 0.104)
    #expect(ends?.value == "0.018" && ends?.low == "\u{2212}0.067" && ends?.high == "0.104")
    #expect(ErrorDigits.ends(0.1, low: .nan, high: 1) == nil)
  }

  @Test func unitsHaveRaisedExponents() {
    func levels(_ unit: String) -> String {
      RichText(unit: unit).runs.map { $0.level == .upper ? "<\($0.text)>" : $0.text }.joined()
    }
    #expect(levels("g cm^-3") == "g cm<\u{2212}3>")
    #expect(levels("um^{2}/s") == "\u{00B5}m<2>/s" && levels("um") == "\u{00B5}m")
    #expect(levels("S/m") == "S/m" && levels("lumen") == "lumen" && levels("a^b") == "a^b")
    #expect(RichText.inBrackets(unit: "keV").plain == " (keV)" && RichText.inBrackets(unit: nil).isEmpty)
  }
}
