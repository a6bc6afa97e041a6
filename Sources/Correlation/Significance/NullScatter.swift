import Foundation
import Volumetry

/// How a statistic that cannot be negative scatters where there is no relation, taken as a chi-squared number times a
/// scale, and the interval of what it measures.
///
/// With a relation of size s the statistic is a non-central one of mean `mean + s`, whose variance grows by
/// `4 scale s` (Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions 2 (1995), chapter 29). The interval
/// holds every s that the statistic does not contradict; it begins at 0 where 0 is one of them.
struct NullScatter {
  let mean: Double
  let variance: Double
  let scale: Double

  /// - Parameter least: scale at least, from the number of independent voxels.
  init(mean: Double, variance: Double, least: Double = 0) {
    self.mean = mean
    self.variance = variance
    scale = max(least, mean > 0 ? variance / (2 * mean) : 0)
  }

  /// Of values of the statistic without relation.
  init(_ values: [Double], least: Double = 0) {
    var moments = Moments()
    for value in values { moments.add(value) }
    self.init(mean: moments.mean, variance: moments.variance, least: least)
  }

  /// - Parameter most: the largest size there is, for shares of a variance, whose scatter ends there; nil for none.
  func interval(of value: Double, most: Double? = nil, confidence: Double) -> Estimate {
    let reach = Distributions.normalQuantile(0.5 + 0.5 * confidence)
    /// By how many standard deviations of a normal number the value lies above what it would be for a size: cube roots of
    /// chi-squared numbers are normal (Wilson and Hilferty, Proc. Natl. Acad. Sci. 17 (1931) 684).
    func above(_ size: Double) -> Double {
      let left = most.map { max(0, 1 - size / $0) } ?? 1
      let deviation = (variance + 4 * scale * size).squareRoot() * left
      let expected = mean * left + size
      guard deviation > 0, expected > 0 else { return value > expected ? .infinity : -.infinity }
      let ninth = deviation * deviation / (9 * expected * expected)
      return (cbrt(max(0, value) / expected) - 1 + ninth) / ninth.squareRoot()
    }
    func crossing(_ level: Double, _ top: Double) -> Double {
      guard above(0) > level else { return 0 }
      var low = 0.0
      var high = top
      for _ in 0..<60 {
        let middle = 0.5 * (low + high)
        if above(middle) > level { low = middle } else { high = middle }
      }
      return 0.5 * (low + high)
    }
    var top = most ?? max(value, mean, 1e-12)
    if most == nil { while above(top) > -reach { top *= 2 } }
    let best = most.map { (value - mean) / (1 - mean / $0) } ?? (value - mean)
    return Estimate(value: max(0, best), low: crossing(reach, top), high: crossing(-reach, top))
  }
}
