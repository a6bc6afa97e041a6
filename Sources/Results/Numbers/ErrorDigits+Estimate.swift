package import Correlation
package import Drawing

extension ErrorDigits {
  /// `−0.08 (−0.23 to 0.07)`: two digits of half the interval; three digits where an end is not known.
  package static func text(_ estimate: Estimate) -> String {
    guard let ends = ends(estimate.value, low: estimate.low, high: estimate.high) else {
      return Ticks.number(estimate.value, digits: 3)
    }
    return "\(ends.value) (\(ends.low) to \(ends.high))"
  }
}
