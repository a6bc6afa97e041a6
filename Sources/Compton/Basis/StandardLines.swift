import Foundation
import Volumetry

/// The line in x of every bin through the standards, and how well the standards agree with it.
struct StandardLines {
  private(set) var constant: [Double] = []
  private(set) var slope: [Double] = []
  /// Per bin: variance of the constant, covariance of both, variance of the slope.
  private(set) var variances: ([Double], [Double], [Double]) = ([], [], [])
  private(set) var chiSquared = 0.0
  private(set) var degreesOfFreedom: Int
  private(set) var excess: StandardExcess?
  private let influence: StandardInfluence

  init(
    _ set: StandardSet, exposures: StandardExposures, amplitudes: StandardAmplitudes, range: Range<Int>
  ) {
    let x = set.standards.map(\.x)
    let n = x.count
    var residuals = [[Double]](repeating: [], count: n)
    // Information on amplitude and x of each standard by its own counts.
    var own = [(aa: Double, ax: Double, xx: Double)](repeating: (0, 0, 0), count: n)
    for bin in 0..<set.energy.count {
      let at = x.indices.map { exposures.values[$0][bin] * amplitudes.values[$0] }
      let fit = StandardLine(
        x: x, counts: set.standards.map { $0.spectrum.counts[bin] }, exposures: at,
        background: exposures.backgroundCounts.map { $0[bin] })
      constant.append(fit.constant)
      slope.append(fit.slope)
      variances.0.append(fit.covariance.0)
      variances.1.append(fit.covariance.1)
      variances.2.append(fit.covariance.2)
      guard range.contains(bin) else { continue }
      chiSquared += fit.chiSquared
      for i in x.indices {
        let variance = max(fit.expected[i], 0.5)
        residuals[i].append((set.standards[i].spectrum.counts[bin] - fit.expected[i]) / variance.squareRoot())
        let signal = at[i] * (fit.constant + x[i] * fit.slope)
        let change = at[i] * fit.slope
        own[i].aa += signal * signal / variance
        own[i].ax += signal * change / variance
        own[i].xx += change * change / variance
      }
    }
    let isFree = amplitudes.source != .told
    degreesOfFreedom = max(0, n - 2) * range.count - (isFree ? max(0, n - 2) : 0)
    let middle = range.lowerBound + range.count / 2
    influence = StandardInfluence(
      x: x,
      weights: set.standards.indices.map { i in
        let exposure = exposures.values[i][middle] * amplitudes.values[i]
        return exposure * exposure / set.standards[i].spectrum.total
      })
    excess = StandardExcess(
      residuals: residuals, chiSquared: chiSquared, degreesOfFreedom: degreesOfFreedom,
      countingVariances: own.map { sums in
        let left = sums.xx - (sums.aa > 0 ? sums.ax * sums.ax / sums.aa : 0)
        return left > 0 ? 1 / left : .infinity
      })
    if let dispersion = excess?.dispersion {
      variances.0 = variances.0.map { $0 * dispersion }
      variances.1 = variances.1.map { $0 * dispersion }
      variances.2 = variances.2.map { $0 * dispersion }
    }
  }

  /// Covariance of the coefficients 1, x, x^2 of the error of x that all samples share by the standards' own x, their
  /// amplitudes, and what their spectra disagree in.
  func covarianceOfX(_ set: StandardSet, amplitudes: StandardAmplitudes) -> Matrix {
    let pulls = StandardAmplitudes.pulls(influence)
    var result = pulls * amplitudes.covariance * pulls.transposed
    for (i, standard) in set.standards.enumerated() {
      let more = excess?.xSigmas[i] ?? 0
      let variance = standard.xSigma * standard.xSigma + more * more
      let pull = [influence.ofConstant[i], influence.ofSlope[i], 0]
      for j in 0..<3 { for k in 0..<3 { result[j, k] += variance * pull[j] * pull[k] } }
    }
    for cause in 0..<set.sharedCauses {
      var pull = [0.0, 0, 0]
      for (i, standard) in set.standards.enumerated() {
        pull[0] += standard.sharedXError(cause) * influence.ofConstant[i]
        pull[1] += standard.sharedXError(cause) * influence.ofSlope[i]
      }
      for j in 0..<3 { for k in 0..<3 { result[j, k] += pull[j] * pull[k] } }
    }
    return result
  }
}

/// Covariance of a polynomial of x, as a calibration holds it.
enum StandardsCovariance {
  /// Covariance of the values at two x.
  static func value(_ matrix: [[Double]], _ x: Double, _ y: Double) -> Double {
    var sum = 0.0
    var left = 1.0
    for row in matrix {
      var right = left
      for element in row {
        sum += element * right
        right *= y
      }
      left *= x
    }
    return sum
  }

  static func isSound(_ matrix: [[Double]]) -> Bool {
    (2...3).contains(matrix.count)
      && matrix.allSatisfy { $0.count == matrix.count && $0.allSatisfy(\.isFinite) }
  }
}
