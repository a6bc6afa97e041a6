import Foundation
import Volumetry

/// A two-sided p value that does not underflow: its logarithm is kept.
public struct TailProbability: Sendable, Hashable {
  /// Natural logarithm.
  public let logarithm: Double

  public init(logarithm: Double) { self.logarithm = min(0, logarithm) }

  /// The p value; below the least positive number of double precision it is that number and `log10` tells more.
  public var value: Double { max(exp(logarithm), .leastNonzeroMagnitude) }
  public var log10: Double { logarithm / log(10) }

  /// Of a standard normal deviate.
  public static func normal(_ z: Double) -> TailProbability {
    let size = abs(z)
    if size < 30 { return TailProbability(logarithm: log(erfc(size / 2.0.squareRoot()))) }
    // Abramowitz and Stegun 26.2.12.
    let square = size * size
    let series = -1 / square + 3 / (square * square)
    return TailProbability(logarithm: -0.5 * square - log(size) + 0.5 * log(2 / .pi) + log1p(series))
  }

  /// Of Student's t.
  public static func student(_ t: Double, dof: Double) -> TailProbability {
    guard dof > 0, !t.isNaN else { return TailProbability(logarithm: 0) }
    return TailProbability(
      logarithm: Distributions.logBetaI(dof / (dof + t * t), 0.5 * dof, 0.5))
  }

  /// Of a correlation coefficient with `dof` degrees of freedom; a coefficient of one is one within its rounding.
  public static func correlation(_ r: Double, dof: Double) -> TailProbability {
    guard dof > 0, !r.isNaN else { return TailProbability(logarithm: 0) }
    let rest = max(1 - r * r, 2.2e-16)
    return student(r * (dof / rest).squareRoot(), dof: dof)
  }
}
