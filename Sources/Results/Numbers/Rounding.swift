import Foundation

/// A number with so many significant digits; the default is more than any result is worth.
package func rounded(_ value: Double, digits: Int = 9) -> Double {
  guard value != 0, value.isFinite else { return value }
  let scale = pow(10, Double(digits - 1) - floor(log10(abs(value))))
  return scale.isFinite && scale > 0 ? (value * scale).rounded() / scale : value
}
