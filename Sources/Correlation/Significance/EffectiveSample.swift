import Foundation
public import Volumetry

/// A number with its interval.
public struct Estimate: Sendable, Codable, Equatable {
  public let value: Double
  /// Ends of the interval at the nominal level of the analysis.
  public let low: Double
  public let high: Double

  public init(value: Double, low: Double, high: Double) {
    self.value = value
    self.low = low
    self.high = high
  }
}

/// Significance and interval of a correlation when neighbouring voxels are alike.
public struct CorrelationTest: Sendable, Codable, Equatable {
  public let coefficient: Estimate
  /// Voxels with both values.
  public let voxels: Int
  /// Independent ones among them.
  public let effectiveVoxels: Double
  /// Two-sided, with the effective number.
  public let pValue: Double
  /// Two-sided, as if voxels were independent; only to show the difference.
  public let naivePValue: Double

  enum CodingKeys: String, CodingKey {
    case coefficient, voxels
    case effectiveVoxels = "effective_voxels"
    case pValue = "p_value"
    case naivePValue = "naive_p_value"
  }

  /// Test of a correlation coefficient by Student's t with `effective - 2 - controls` degrees of freedom
  /// (Dutilleul, Biometrics 49 (1993) 305), interval by Fisher's z.
  ///
  /// - Parameter kind: which coefficient it is; their variances differ (Fieller, Hartley and Pearson,
  ///   Biometrika 44 (1957) 470).
  public init(
    _ coefficient: Double, voxels: Int, effective: Double, controls: Int = 0, confidence: Double = 0.95,
    kind: Kind = .pearson
  ) {
    self.voxels = voxels
    effectiveVoxels = effective
    pValue = Self.p(coefficient, count: effective, controls: controls, kind)
    naivePValue = Self.p(coefficient, count: Double(voxels), controls: controls, kind)
    let spread = (kind.variance / max(0.5, effective - kind.lost - Double(controls))).squareRoot()
    let reach = Distributions.normalQuantile(0.5 + 0.5 * confidence) * spread
    let z = atanh(min(1 - 1e-15, max(-1 + 1e-15, coefficient)))
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

  private static func p(_ r: Double, count: Double, controls: Int, _ kind: Kind) -> Double {
    if kind == .kendall {
      guard count > 3 else { return 1 }
      let deviation = (2 * (2 * count + 5) / (9 * count * (count - 1))).squareRoot()
      return 2 * (1 - Distributions.normalCDF(abs(r) / deviation))
    }
    let dof = count - 2 - Double(controls)
    guard dof > 0 else { return 1 }
    let rest = 1 - r * r
    if rest <= 0 { return 0 }
    return Distributions.studentTwoSided(r * (dof / rest).squareRoot(), dof: dof)
  }
}

extension FieldPair {
  /// Number of independent voxels for the correlation of two fields, from the autocorrelation of both over
  /// the lags of the grid.
  ///
  /// The autocorrelation of a mean-free field sums to about zero over all lags, and its tail is noise; so
  /// lags are summed outwards in shells, and only while the mean product of both correlations in a shell is
  /// positive beyond its scatter (the rule of the initial positive sequence; Geyer, Stat. Sci. 7 (1992) 473).
  public func effectiveCount(of a: [Double], _ b: [Double]) throws(VoxelithError) -> Double {
    let reach = Shape(z: shape.z / 2, y: shape.y / 2, x: shape.x / 2)
    let first = try Autocorrelation(onGrid(a), shape: shape, reach: reach)
    let second = try Autocorrelation(onGrid(b), shape: shape, reach: reach)
    let n = Double(count)
    var shells: [Int: (products: Double, pairs: Double)] = [:]
    var index = 0
    for z in -first.reach.z...first.reach.z {
      for y in -first.reach.y...first.reach.y {
        for x in -first.reach.x...first.reach.x {
          let distance = Double(z * z + y * y + x * x).squareRoot()
          let shell = Int(distance.rounded())
          let pairs = first.pairs[index]
          shells[shell, default: (0, 0)].products += pairs * first.values[index] * second.values[index]
          shells[shell, default: (0, 0)].pairs += pairs
          index += 1
        }
      }
    }
    var sum = 0.0
    for shell in shells.keys.sorted() {
      guard let part = shells[shell], part.pairs > 0 else { continue }
      // Correlations below one in a hundred are not told from the scatter of the estimate.
      if shell > 0 && part.products / part.pairs < 1e-4 { break }
      sum += part.products
    }
    let variance = sum / (n * n)
    guard variance > 0 else { return n }
    return min(n, max(3, 1 + 1 / variance))
  }
}
