import Volumetry

/// The smallest standard deviation of x that an unbiased estimate can have (Cramer and Rao), for one voxel of a
/// twin.
///
/// Unknown are the amplitude of the active material, x, and the fractions of the components as far as they are not
/// known better from elsewhere.
struct ErrorBound: Sendable {
  /// Known spectra: the limit of the counting alone.
  let counting: Double
  /// Spectra known from counted standards, too: each bin's variance grows by that of its expectation.
  let withStandards: Double
}

/// What a bound needs beside the voxel: rates, live times and the errors of what the standards teach.
struct ErrorBoundModel: Sendable {
  let rates: TwinRates
  let liveTime: Double
  /// Bins that the estimate uses.
  let bins: [Int]
  let fractionSigma: Double
  /// Variances and covariance of the active material's two spectra, the components' and the background's rates.
  private let constantVariance: [Double]
  private let crossCovariance: [Double]
  private let slopeVariance: [Double]
  private let componentVariances: [[Double]]
  private let backgroundVariance: [Double]

  init(
    rates: TwinRates, liveTime: Double, standardTime: Double, standards: [Double], bins: [Int],
    fractionSigma: Double
  ) {
    self.rates = rates
    self.liveTime = liveTime
    self.bins = bins
    self.fractionSigma = fractionSigma
    var v00: [Double] = []
    var v01: [Double] = []
    var v11: [Double] = []
    for bin in rates.constant.indices {
      var s = (0.0, 0.0, 0.0)
      for x in standards {
        let expected = rates.constant[bin] + x * rates.slope[bin] + rates.background[bin]
        let weight = standardTime / max(expected, .leastNormalMagnitude)
        s = (s.0 + weight, s.1 + weight * x, s.2 + weight * x * x)
      }
      let determinant = s.0 * s.2 - s.1 * s.1
      v00.append(s.2 / determinant)
      v01.append(-s.1 / determinant)
      v11.append(s.0 / determinant)
    }
    constantVariance = v00
    crossCovariance = v01
    slopeVariance = v11
    componentVariances = rates.components.map { component in
      zip(component, rates.background).map { ($0 + $1) / standardTime }
    }
    backgroundVariance = rates.background.map { $0 / standardTime }
  }

  /// The bound for a voxel.
  ///
  /// - Parameters:
  ///   - active: volume fraction of the active material.
  ///   - others: volume fractions of the components; empty where they do not scatter.
  ///   - areFree: whether nothing is known of the fractions.
  func bound(active: Double, x: Double, others: [Double], areFree: Bool = false) -> ErrorBound {
    let size = 2 + (fractionSigma > 0 || areFree ? others.count : 0)
    var counting = Matrix(zeros: size, size)
    var withStandards = counting
    let share = 1 - active - others.reduce(0, +)
    var derivatives = [Double](repeating: 0, count: size)
    for bin in bins {
      let unit = rates.constant[bin] + x * rates.slope[bin]
      var rate = active * unit + rates.background[bin]
      var variance =
        active * active
        * (constantVariance[bin] + 2 * x * crossCovariance[bin] + x * x * slopeVariance[bin])
        + share * share * backgroundVariance[bin]
      for (index, fraction) in others.enumerated() {
        rate += fraction * rates.components[index][bin]
        variance += fraction * fraction * componentVariances[index][bin]
      }
      guard rate > 0 else { continue }
      derivatives[0] = unit
      derivatives[1] = active * rates.slope[bin]
      if size > 2 {
        for index in others.indices { derivatives[2 + index] = rates.components[index][bin] }
      }
      let weight = liveTime / rate
      let weaker = 1 / (rate / liveTime + variance)
      for i in 0..<size {
        for j in 0...i {
          let product = derivatives[i] * derivatives[j]
          counting[i, j] += weight * product
          withStandards[i, j] += weaker * product
        }
      }
    }
    for i in 0..<size {
      if i >= 2, !areFree {
        counting[i, i] += 1 / (fractionSigma * fractionSigma)
        withStandards[i, i] += 1 / (fractionSigma * fractionSigma)
      }
      for j in 0..<i {
        counting[j, i] = counting[i, j]
        withStandards[j, i] = withStandards[i, j]
      }
    }
    func sigma(_ information: Matrix) -> Double {
      Cholesky(information).map { $0.inverse[1, 1].squareRoot() } ?? .nan
    }
    return ErrorBound(counting: sigma(counting), withStandards: sigma(withStandards))
  }
}
