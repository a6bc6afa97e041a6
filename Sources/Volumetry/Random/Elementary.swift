import Foundation

func logarithm(_ x: Double) -> Double { log(x) }
func exponential(_ x: Double) -> Double { exp(x) }

/// ln of the gamma function for x > 0, by the series of Lanczos (g = 7, nine terms; relative error
/// below 1e-14). The C library's `lgamma` writes a global and so is not safe on several threads.
public func logGamma(_ x: Double) -> Double {
  if x < 0.5 { return log(Double.pi / abs(sin(Double.pi * x))) - logGamma(1 - x) }
  let shifted = x - 1
  let base = shifted + 7.5
  var sum = 0.99999999999980993
  sum += 676.5203681218851 / (shifted + 1)
  sum -= 1259.1392167224028 / (shifted + 2)
  sum += 771.32342877765313 / (shifted + 3)
  sum -= 176.61502916214059 / (shifted + 4)
  sum += 12.507343278686905 / (shifted + 5)
  sum -= 0.13857109526572012 / (shifted + 6)
  sum += 9.9843695780195716e-6 / (shifted + 7)
  sum += 1.5056327351493116e-7 / (shifted + 8)
  return 0.5 * log(2 * Double.pi) + (shifted + 0.5) * log(base) - base + log(sum)
}
