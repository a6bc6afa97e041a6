import Foundation

func cubeRoot(_ x: Double) -> Double { cbrt(x) }
func exponential(_ x: Double) -> Double { exp(x) }
func naturalLog(_ x: Double) -> Double { log(x) }
func power(_ x: Double, _ exponent: Double) -> Double { pow(x, exponent) }

/// `value` with at most `digits` decimals and no trailing zeros; the same in every locale.
func decimal(_ value: Double, _ digits: Int = 3) -> String {
  guard value.isFinite else { return "0" }
  var text = String(format: "%.\(digits)f", locale: Locale(identifier: "en_US_POSIX"), value)
  if text.contains(".") {
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
  }
  return text == "-0" ? "0" : text
}

/// `value` with exactly `digits` decimals; the same in every locale.
func fixed(_ value: Double, _ digits: Int) -> String {
  let text = String(format: "%.\(digits)f", locale: Locale(identifier: "en_US_POSIX"), value)
  return text.hasPrefix("-") && !text.contains(where: { $0 >= "1" && $0 <= "9" })
    ? String(text.dropFirst()) : text
}
