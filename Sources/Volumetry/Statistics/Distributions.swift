import Foundation

/// Tails and quantiles of the distributions that error bars need.
public enum Distributions {
  /// Probability that a standard normal lies below `x`.
  public static func normalCDF(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }

  /// The `x` below which a standard normal lies with probability `p` (Acklam's rational
  /// approximation with one Halley step; error below 1e-14).
  public static func normalQuantile(_ p: Double) -> Double {
    guard p > 0, p < 1 else { return p <= 0 ? -.infinity : .infinity }
    let a = [
      -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02,
      -3.066479806614716e+01, 2.506628277459239e+00,
    ]
    let b = [
      -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01,
      -1.328068155288572e+01,
    ]
    let c = [
      -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00, -2.549732539343734e+00,
      4.374664141464968e+00, 2.938163982698783e+00,
    ]
    let d = [
      7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00,
    ]
    func horner(_ k: [Double], _ x: Double) -> Double { k.reduce(0) { $0 * x + $1 } }
    var x: Double
    if p < 0.02425 {
      let q = (-2 * log(p)).squareRoot()
      x = horner(c, q) / (horner(d, q) * q + 1)
    } else if p > 1 - 0.02425 {
      let q = (-2 * log(1 - p)).squareRoot()
      x = -horner(c, q) / (horner(d, q) * q + 1)
    } else {
      let q = p - 0.5
      let r = q * q
      x = horner(a, r) * q / (horner(b, r) * r + 1)
    }
    let error = normalCDF(x) - p
    let step = error * (2 * Double.pi).squareRoot() * exp(0.5 * x * x)
    x -= step / (1 + 0.5 * x * step)
    return x
  }

  /// Regularised lower incomplete gamma function P(a, x): series below a + 1, continued fraction
  /// above (Abramowitz and Stegun 6.5.29 and 6.5.31).
  public static func gammaP(_ a: Double, _ x: Double) -> Double {
    if x <= 0 { return 0 }
    let scale = exp(-x + a * log(x) - logGamma(a))
    if x < a + 1 {
      var term = 1 / a
      var sum = term
      var n = a
      for _ in 0..<10_000 {
        n += 1
        term *= x / n
        sum += term
        if abs(term) < abs(sum) * 1e-16 { break }
      }
      return min(1, sum * scale)
    }
    var b = x + 1 - a
    var c = 1e300
    var d = 1 / b
    var h = d
    for i in 1..<10_000 {
      let an = -Double(i) * (Double(i) - a)
      b += 2
      d = an * d + b
      if abs(d) < 1e-300 { d = 1e-300 }
      c = b + an / c
      if abs(c) < 1e-300 { c = 1e-300 }
      d = 1 / d
      let delta = d * c
      h *= delta
      if abs(delta - 1) < 1e-16 { break }
    }
    return max(0, 1 - scale * h)
  }

  /// Probability that chi-squared with `dof` degrees of freedom exceeds `value`.
  public static func chiSquaredTail(_ value: Double, dof: Double) -> Double {
    dof <= 0 ? 1 : 1 - gammaP(0.5 * dof, 0.5 * value)
  }

  /// Regularised incomplete beta function I_x(a, b) by its continued fraction (A&S 26.5.8).
  public static func betaI(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    if x > (a + 1) / (a + b + 2) { return 1 - betaI(1 - x, b, a) }
    return exp(logBetaFront(x, a, b)) * betaFraction(x, a, b)
  }

  /// Natural logarithm of `betaI`, which does not underflow.
  public static func logBetaI(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return -.infinity }
    if x >= 1 { return 0 }
    if x > (a + 1) / (a + b + 2) { return log1p(-betaI(1 - x, b, a)) }
    return logBetaFront(x, a, b) + log(betaFraction(x, a, b))
  }

  private static func logBetaFront(_ x: Double, _ a: Double, _ b: Double) -> Double {
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log1p(-x) - log(a)
  }

  private static func betaFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
    var c = 1.0
    var d = 1 - (a + b) * x / (a + 1)
    if abs(d) < 1e-300 { d = 1e-300 }
    d = 1 / d
    var h = d
    for m in 1..<10_000 {
      let k = Double(m)
      for numerator in [
        k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k)),
        -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1)),
      ] {
        d = 1 + numerator * d
        if abs(d) < 1e-300 { d = 1e-300 }
        c = 1 + numerator / c
        if abs(c) < 1e-300 { c = 1e-300 }
        d = 1 / d
        h *= d * c
      }
      if abs(d * c - 1) < 1e-16 { break }
    }
    return h
  }

  /// Quantile of Student's distribution, by bisection of ``studentTwoSided(_:dof:)``.
  public static func studentQuantile(_ p: Double, dof: Double) -> Double {
    guard p != 0.5 else { return 0 }
    if p < 0.5 { return -studentQuantile(1 - p, dof: dof) }
    let z = normalQuantile(p)
    var low = z
    var high = 2 * z
    while 0.5 * studentTwoSided(high, dof: dof) > 1 - p, high < 1e12 { high *= 2 }
    for _ in 0..<80 {
      let middle = 0.5 * (low + high)
      if 0.5 * studentTwoSided(middle, dof: dof) > 1 - p { low = middle } else { high = middle }
    }
    return 0.5 * (low + high)
  }

  /// Two-sided p value of Student's t with `dof` degrees of freedom.
  public static func studentTwoSided(_ t: Double, dof: Double) -> Double {
    guard dof > 0, t.isFinite else { return t.isNaN ? .nan : 0 }
    return betaI(dof / (dof + t * t), 0.5 * dof, 0.5)
  }
}
