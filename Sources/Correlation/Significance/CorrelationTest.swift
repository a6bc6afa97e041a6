import Foundation
import Volumetry

/// Significance and interval of a correlation when neighbouring voxels are alike.
public struct CorrelationTest: Sendable, Codable, Equatable {
  public let coefficient: Estimate
  /// Voxels with both values.
  public let voxels: Int
  /// Independent ones among them.
  public let effectiveVoxels: Double
  /// Degrees of freedom that controls took, which `effectiveVoxels` has lost already.
  public let spent: Int
  /// Two-sided, with the effective number.
  public let pValue: Double
  /// Its decimal logarithm, which does not underflow.
  public let log10PValue: Double
  /// Two-sided, as if voxels were independent; only to show the difference.
  public let naivePValue: Double
  /// Adjusted for all tests of a report (Benjamini and Hochberg).
  public var qValue: Double?

  /// The number of independent voxels as people are told it: voxels that repel each other are worth more than their number to a
  /// test, but no more than there are.
  public var independentVoxels: Int { min(voxels, Int(effectiveVoxels.rounded())) }

  enum CodingKeys: String, CodingKey {
    case coefficient, voxels
    case effectiveVoxels = "effective_voxels"
    case spent = "degrees_of_freedom_spent"
    case pValue = "p_value"
    case log10PValue = "log10_p_value"
    case naivePValue = "naive_p_value"
    case qValue = "q_value"
  }

  /// Test of a correlation coefficient by Student's t with `effective - 2` degrees of freedom
  /// (Dutilleul, Biometrics 49 (1993) 305), interval by Fisher's z.
  ///
  /// - Parameters:
  ///   - effective: without what controls spent.
  ///   - spent: degrees of freedom that controls took.
  ///   - kind: which coefficient it is; the variances of their z differ (Fieller, Hartley and Pearson,
  ///     Biometrika 44 (1957) 470).
  ///   - tau: the ties and the exact distribution of Kendall's coefficient.
  ///   - exact: the tail where the distribution is known, of independent voxels.
  public init(
    _ coefficient: Double, voxels: Int, effective: Double, spent: Int = 0, confidence: Double = 0.95,
    kind: Kind = .pearson, tau: KendallTau? = nil, exact: TailProbability? = nil
  ) {
    self.voxels = voxels
    self.spent = spent
    effectiveVoxels = effective
    let tail =
      exact ?? tau?.tail(effective: effective, corrected: coefficient)
      ?? TailProbability.correlation(coefficient, dof: effective - 2)
    let all = Double(voxels - spent)
    let naive =
      exact ?? tau?.tail(effective: all, corrected: coefficient)
      ?? TailProbability.correlation(coefficient, dof: all - 2)
    pValue = tail.value
    log10PValue = tail.log10
    naivePValue = naive.value
    let ties = tau?.tieInflation ?? 1
    let spread = (kind.variance * ties / max(0.5, effective - kind.lost)).squareRoot()
    let reach = Distributions.normalQuantile(0.5 + 0.5 * confidence) * spread
    let z = fisher(coefficient)
    self.coefficient = Estimate(value: coefficient, low: tanh(z - reach), high: tanh(z + reach))
  }

  /// Which coefficient is tested; the variance of its Fisher's z differs.
  public enum Kind: Sendable {
    case pearson, spearman, kendall
    /// Of Fisher's z times (n - lost).
    var variance: Double {
      switch self {
      case .pearson: 1
      case .spearman: 1.06
      case .kendall: 0.437
      }
    }
    var lost: Double { self == .kendall ? 4 : 3 }
  }
}
