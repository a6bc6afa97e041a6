import Drawing
import Foundation
import TestSupport
import Testing
import Volumetry

/// Numbers in figures are those that the system writes in this locale, halves and all, without a sign of zero.
struct NumberTextTests {
  private static func expected(_ value: Double, _ digits: Int) -> String {
    let text = String(format: "%.\(digits)f", locale: Locale(identifier: "en_US_POSIX"), value)
    return text.hasPrefix("-") && !text.contains { $0 >= "1" && $0 <= "9" } ? String(text.dropFirst()) : text
  }

  private static func trimmed(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var text = text
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  @Test func roundsAsTheSystemDoes() {
    var generator = SeededGenerator(seed: 1)
    for digits in 0...9 {
      let scale = pow(10, Double(digits))
      for _ in 0..<Soak.count(short: 500, long: 4000) {
        let size = pow(10, Double.random(in: -8...20, using: &generator))
        let plain = Double.random(in: -1...1, using: &generator) * size
        let whole = Double(Int.random(in: -100_000...100_000, using: &generator))
        // Values that lie half way, or seem to.
        for value in [
          plain, (whole + 0.5) / scale, whole / 8, ((whole + 0.5) / scale).nextUp,
          ((whole + 0.5) / scale).nextDown,
        ] {
          let text = Self.expected(value, digits)
          #expect(fixed(value, digits) == text)
          #expect(decimal(value, digits) == Self.trimmed(text))
        }
      }
    }
  }

  @Test(arguments: [
    0.0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, 0.0005, 0.0015, 2.5, 1e22, -1e300,
    .greatestFiniteMagnitude,
  ])
  func roundsEndsOfTheRange(_ value: Double) {
    for digits in [0, 1, 3, 12, 15, 17] {
      #expect(fixed(value, digits) == Self.expected(value, digits))
      #expect(decimal(value, digits) == Self.trimmed(Self.expected(value, digits)))
    }
  }

  @Test func tellsWhatIsNoNumber() {
    #expect(fixed(.nan, 2) == Self.expected(.nan, 2))
    #expect(fixed(-.infinity, 2) == Self.expected(-.infinity, 2))
    #expect(decimal(.nan) == "0")
    #expect(decimal(.infinity) == "0")
  }
}
