import Foundation
import Volumetry

/// The standards' counts as a function of the logarithms of their amplitudes, with the two spectra of every bin fitted.
struct AmplitudeModel {
  private let x: [Double]
  private let counts: [[Double]]
  private let exposures: [[Double]]
  private let background: [[Double]]
  private let range: Range<Int>

  init(_ set: StandardSet, exposures: [[Double]], background: [[Double]], range: Range<Int>) {
    x = set.standards.map(\.x)
    counts = set.standards.map(\.spectrum.counts)
    self.exposures = exposures
    self.background = background
    self.range = range
  }

  /// The line of one bin at given amplitudes.
  private func line(_ bin: Int, _ amplitudes: [Double]) -> StandardLine {
    StandardLine(
      x: x, counts: counts.map { $0[bin] }, exposures: x.indices.map { exposures[$0][bin] * amplitudes[$0] },
      background: background.map { $0[bin] })
  }

  /// Information matrix and score of the logarithms, the lines of all bins eliminated.
  func normal(_ logs: [Double]) -> (Matrix, [Double]) {
    let n = x.count
    let amplitudes = logs.map { exp($0) }
    var information = Matrix(zeros: n, n)
    var score = [Double](repeating: 0, count: n)
    for bin in range {
      let fit = line(bin, amplitudes)
      let spread = fit.covariance
      for i in 0..<n {
        let exposure = exposures[i][bin] * amplitudes[i]
        let signal = exposure * (fit.constant + x[i] * fit.slope)
        let weight = 1 / fit.variances[i]
        score[i] += signal * weight * (counts[i][bin] - fit.expected[i])
        information[i, i] += signal * signal * weight
        for j in 0..<n {
          let other = exposures[j][bin] * amplitudes[j]
          let between =
            spread.0 + (x[i] + x[j]) * spread.1 + x[i] * x[j] * spread.2
          let signalOfOther = other * (fit.constant + x[j] * fit.slope)
          information[i, j] -=
            signal * weight * exposure * between * other * signalOfOther / fit.variances[j]
        }
      }
    }
    return (information, score)
  }

  /// What the lines leave of the counts.
  func chiSquared(_ logs: [Double]) -> Double {
    let amplitudes = logs.map { exp($0) }
    return range.reduce(0) { $0 + line($1, amplitudes).chiSquared }
  }

  /// Growth of the counts with x over those at x = 0, and its derivatives by the logarithms.
  func growth(_ logs: [Double]) -> (Double, [Double]) {
    func value(_ logs: [Double]) -> Double {
      let amplitudes = logs.map { exp($0) }
      var constant = 0.0
      var slope = 0.0
      for bin in range {
        let fit = line(bin, amplitudes)
        constant += fit.constant
        slope += fit.slope
      }
      return constant > 0 ? slope / constant : 0
    }
    let here = value(logs)
    let step = 1e-4
    return (
      here,
      logs.indices.map { index in
        var moved = logs
        moved[index] += step
        return (value(moved) - here) / step
      }
    )
  }
}

/// A line in x through the rates of the standards in one bin, by Poisson maximum likelihood: weighted least squares whose
/// weights come from the fitted line and are iterated.
struct StandardLine {
  private(set) var constant = 0.0
  private(set) var slope = 0.0
  /// Variance of the constant, covariance of both, variance of the slope.
  private(set) var covariance = (0.0, 0.0, 0.0)
  /// Expected counts of each standard.
  private(set) var expected: [Double]
  /// Variances by which they were weighted.
  private(set) var variances: [Double]
  private(set) var chiSquared = 0.0

  /// - Parameters:
  ///   - exposures: what multiplies the rates of each standard.
  ///   - background: expected counts of the background under each.
  init(x: [Double], counts: [Double], exposures: [Double], background: [Double]) {
    expected = counts
    variances = counts.map { max($0, 0.5) }
    for _ in 0..<6 {
      var s0 = 0.0
      var s1 = 0.0
      var s2 = 0.0
      var r0 = 0.0
      var r1 = 0.0
      for i in x.indices {
        variances[i] = max(expected[i], 0.5)
        let rate = (counts[i] - background[i]) / exposures[i]
        let weight = exposures[i] * exposures[i] / variances[i]
        s0 += weight
        s1 += weight * x[i]
        s2 += weight * x[i] * x[i]
        r0 += weight * rate
        r1 += weight * x[i] * rate
      }
      let determinant = s0 * s2 - s1 * s1
      guard determinant > 0 else { break }
      constant = (s2 * r0 - s1 * r1) / determinant
      slope = (s0 * r1 - s1 * r0) / determinant
      covariance = (s2 / determinant, -s1 / determinant, s0 / determinant)
      for i in x.indices { expected[i] = exposures[i] * (constant + x[i] * slope) + background[i] }
    }
    for i in x.indices {
      let residual = counts[i] - expected[i]
      chiSquared += residual * residual / max(expected[i], 0.5)
    }
  }
}
