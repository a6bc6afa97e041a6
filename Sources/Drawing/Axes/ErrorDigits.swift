import Foundation

/// Numbers whose digits follow their errors, as people print them: two digits of the error, the value to the same place.
package enum ErrorDigits {
  /// `0.553` with the error `0.0043` is `0.5530 ± 0.0043`; four digits where there is no error.
  package static func text(_ value: Double, _ sigma: Double?) -> String {
    guard let sigma, sigma > 0, sigma.isFinite, value.isFinite else { return Ticks.number(value, digits: 4) }
    let place = place(of: sigma)
    return at(place, value) + " \u{00B1} " + at(place, sigma)
  }

  /// A value without its error, to the place that the error leaves.
  package static func value(_ value: Double, sigma: Double?) -> String {
    guard let sigma, sigma > 0, sigma.isFinite, value.isFinite else { return Ticks.number(value, digits: 4) }
    return at(place(of: sigma), value)
  }

  /// An error alone: two digits, zeros at the end included.
  package static func error(_ sigma: Double) -> String {
    sigma > 0 && sigma.isFinite ? at(place(of: sigma), sigma) : Ticks.number(sigma, digits: 2)
  }

  /// Value and ends of an interval to two digits of its half; nil where an end is not known.
  package static func ends(
    _ value: Double, low: Double, high: Double
  ) -> (value: String, low: String, high: String)? {
    let half = (high - low) / 2
    guard value.isFinite, half.isFinite, half > 0 else { return nil }
    let place = place(of: half)
    return (at(place, value), at(place, low), at(place, high))
  }

  /// Decimals that two digits of an error have: negative for tens and more.
  private static func place(of error: Double) -> Int {
    let exponent = Int(log10(error).rounded(.down))
    // 0.0996 is 0.10 to two digits.
    let isNext = (error / power(10, Double(exponent)) * 10).rounded() >= 100
    return min(12, 1 - exponent - (isNext ? 1 : 0))
  }

  private static func at(_ place: Int, _ value: Double) -> String {
    guard abs(value) < 1e15 else { return Ticks.number(value, digits: 3) }
    let step = power(10, Double(-min(place, 0)))
    let number = place < 0 ? (value / step).rounded() * step : value
    return Ticks.minus(fixed(number, max(0, place)))
  }
}
