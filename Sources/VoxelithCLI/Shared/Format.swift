import Foundation

/// Numbers for people.
enum Format {
  /// A number with as many decimals.
  static func fixed(_ value: Double?, _ decimals: Int) -> String {
    guard let value, value.isFinite else { return "-" }
    return String(format: "%.\(decimals)f", value)
  }

  /// A value with its error: decimals follow from the error's two leading digits.
  static func measured(_ value: Double?, _ sigma: Double?) -> String {
    guard let value, value.isFinite else { return "-" }
    guard let sigma, sigma.isFinite, sigma > 0 else { return significant(value, 4) }
    let decimals = max(0, min(9, 1 - Int(floor(log10(sigma)))))
    return "\(fixed(value, decimals)) +- \(fixed(sigma, decimals))"
  }

  /// A value with its error in brackets, in units of its last digits: `1.003(15)`.
  ///
  /// - Parameter digits: of the error.
  static func concise(_ value: Double?, _ sigma: Double?, digits: Int = 2) -> String {
    guard let value, value.isFinite else { return "-" }
    guard let sigma, sigma.isFinite, sigma > 0 else { return significant(value, 3) }
    let decimals = max(0, min(9, digits - 1 - Int(floor(log10(sigma)))))
    return fixed(value, decimals) + "(" + fixed(sigma * pow(10, Double(decimals)), 0) + ")"
  }

  /// A number with as many significant digits.
  static func significant(_ value: Double?, _ digits: Int) -> String {
    guard let value, value.isFinite else { return "-" }
    return String(format: "%.\(digits)g", value)
  }

  static func percent(_ part: Double) -> String { fixed(100 * part, 1) + " %" }
}
