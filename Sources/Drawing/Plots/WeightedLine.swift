import Volumetry

/// A straight line by least squares, weighted where the points have errors.
public struct WeightedLine: Sendable {
  public let intercept: Double
  public let slope: Double
  /// Variances and covariance of intercept and slope.
  public let covariance: (Double, Double, Double)
  /// Pearson's correlation of the points, unweighted.
  public let correlation: Double

  /// Nil where the points fix no line: fewer than three, or all at one x.
  ///
  /// - Parameter errors: standard errors along y, widened where the points scatter by more; without them they are taken as
  ///   equal, from the scatter about the line.
  public init?(x: [Double], y: [Double], errors: [Double]? = nil) {
    let weights = errors.map { $0.map { $0 > 0 ? 1 / ($0 * $0) : 0 } } ?? x.map { _ in 1 }
    let total = weights.reduce(0, +)
    guard x.count >= 3, x.count == y.count, weights.count == x.count, total > 0 else { return nil }
    let meanX = zip(weights, x).reduce(0) { $0 + $1.0 * $1.1 } / total
    let meanY = zip(weights, y).reduce(0) { $0 + $1.0 * $1.1 } / total
    var (xx, xy) = (0.0, 0.0)
    for i in x.indices {
      xx += weights[i] * (x[i] - meanX) * (x[i] - meanX)
      xy += weights[i] * (x[i] - meanX) * (y[i] - meanY)
    }
    guard xx > 0 else { return nil }
    let slope = xy / xx
    self.slope = slope
    intercept = meanY - slope * meanX
    let squares = x.indices.reduce(0.0) { sum, i in
      let residual = y[i] - meanY - slope * (x[i] - meanX)
      return sum + weights[i] * residual * residual
    }
    // Points that scatter by more than their errors have more than these.
    let reduced = squares / Double(x.count - 2)
    let scale = errors == nil ? reduced : max(1, reduced)
    covariance = (scale * (1 / total + meanX * meanX / xx), scale / xx, -scale * meanX / xx)
    let (plainX, plainY) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
    var (sxx, syy, sxy) = (0.0, 0.0, 0.0)
    for i in x.indices {
      sxx += (x[i] - plainX) * (x[i] - plainX)
      syy += (y[i] - plainY) * (y[i] - plainY)
      sxy += (x[i] - plainX) * (y[i] - plainY)
    }
    correlation = sxx > 0 && syy > 0 ? sxy / (sxx * syy).squareRoot() : .nan
  }

  /// Value and standard error at a place.
  public func value(at x: Double) -> (value: Double, sigma: Double) {
    let variance = covariance.0 + x * x * covariance.1 + 2 * x * covariance.2
    return (intercept + slope * x, max(0, variance).squareRoot())
  }
}

extension Plot {
  package mutating func add(_ line: WeightedLine, over range: ClosedRange<Double>) {
    let places = (0...100).map {
      range.lowerBound + (range.upperBound - range.lowerBound) * Double($0) / 100
    }
    let values = places.map { line.value(at: $0) }
    series.append(
      .band(
        places, lower: values.map { $0.value - 1.96 * $0.sigma },
        upper: values.map { $0.value + 1.96 * $0.sigma }, color: FigureStyle.color(1)))
    let slope = RichText(plain: ErrorDigits.text(line.slope, line.covariance.1.squareRoot()))
    series.append(
      .line(
        places, values.map(\.value),
        label: "line, 95 % band, slope " + slope + ", r\u{00A0}=\u{00A0}"
          + RichText(plain: Ticks.number(line.correlation, digits: 2)),
        color: FigureStyle.color(1)))
  }
}
