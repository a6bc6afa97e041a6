import Foundation

func cubeRoot(_ x: Double) -> Double { cbrt(x) }
func exponential(_ x: Double) -> Double { exp(x) }
func naturalLog(_ x: Double) -> Double { log(x) }
func power(_ x: Double, _ exponent: Double) -> Double { pow(x, exponent) }

/// `value` with at most `digits` decimals and no trailing zeros; the same in every locale.
package func decimal(_ value: Double, _ digits: Int = 3) -> String {
  guard value.isFinite else { return "0" }
  var text = rounded(value, digits)
  if text.contains(UInt8(ascii: ".")) {
    while text.last == UInt8(ascii: "0") { text.removeLast() }
    if text.last == UInt8(ascii: ".") { text.removeLast() }
  }
  return String(decoding: text, as: UTF8.self)
}

/// `value` with exactly `digits` decimals; the same in every locale.
package func fixed(_ value: Double, _ digits: Int) -> String {
  String(decoding: rounded(value, digits), as: UTF8.self)
}

/// `value` with exactly `digits` decimals, rounded from the shortest decimal that tells it, halves to even; zero has no sign.
private func rounded(_ value: Double, _ digits: Int) -> [UInt8] {
  let size = value.magnitude
  let scale = power(10, Double(digits))
  // So far the scale, whole numbers and halves are exact.
  guard digits <= 15, size * scale < 0x1p49 else { return roundedAtLength(value, digits) }
  let below = (size * scale).rounded(.down)
  let half = below + 0.5
  var number = UInt64(below)
  if half / scale == size {
    number += number % 2
  } else if size * scale > half || (size * scale == half && (-half).addingProduct(size, scale) > 0) {
    number += 1
  }
  let isNegative = value < 0 && number > 0
  var text: [UInt8] = []
  text.reserveCapacity(digits + 20)
  // From the last digit to the first.
  while number > 0 || text.count <= digits {
    if digits > 0, text.count == digits { text.append(UInt8(ascii: ".")) }
    text.append(UInt8(ascii: "0") + UInt8(number % 10))
    number /= 10
  }
  if isNegative { text.append(UInt8(ascii: "-")) }
  text.reverse()
  return text
}

/// The same for what does not fit a whole number, or is none.
private func roundedAtLength(_ value: Double, _ digits: Int) -> [UInt8] {
  let text = String(format: "%.\(digits)f", locale: Locale(identifier: "en_US_POSIX"), value)
  let isZero = !text.contains { $0 >= "1" && $0 <= "9" }
  return Array((text.hasPrefix("-") && isZero ? text.dropFirst() : text[...]).utf8)
}
