import Foundation

/// Mean of the Poisson deviance 2 (y ln(y / mu) - y + mu) over y, for one bin of expectation mu.
///
/// It tends to 1 for large mu and to 0 for small mu, which is why the plain number of bins is a wrong expectation
/// at low counts.
enum ExpectedDeviance {
  private static let lowest = -12.0
  private static let step = 0.125
  private static let table: [Float] = (0...160).map { index in
    Float(mean(exp2(lowest + Double(index) * step)))
  }

  /// The mean by summing over y.
  static func mean(_ mu: Double) -> Double {
    var probability = exp(-mu)
    var sum = probability * mu
    var y = 0.0
    let last = mu + 12 * mu.squareRoot() + 30
    while y < last {
      y += 1
      probability *= mu / y
      sum += probability * (y * log(y / mu) - y + mu)
    }
    return 2 * sum
  }

  /// The mean from a table; 1 + 1/(6 mu) + 1/(6 mu^2) above 30, where the series is right to 10^-5.
  static func value(_ mu: Float) -> Float {
    if mu > 30 {
      let inverse = 1 / mu
      return 1 + inverse * (1.0 / 6 + inverse / 6)
    }
    let position = (log2(max(mu, 0.000_245)) - Float(lowest)) * Float(1 / step)
    let index = min(max(Int(position), 0), table.count - 2)
    let part = position - Float(index)
    return table[index] + part * (table[index + 1] - table[index])
  }
}
