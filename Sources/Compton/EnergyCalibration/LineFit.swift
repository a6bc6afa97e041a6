import Foundation
import Volumetry

/// Poisson maximum-likelihood fit of Gaussian lines of known distances on a local background.
///
/// Free are the common shift and width of the lines, the counts of each cluster, and a parabola for the background.
struct LineFit: Sendable {
  /// Shift of the lines against where they were expected, in units of the axis, and its standard deviation.
  let shift: Double
  let sigma: Double
  /// Standard deviation of the Gaussian in units of the axis.
  let width: Double
  /// Counts of each cluster and their standard deviations.
  let counts: [Double]
  let countSigmas: [Double]

  /// One line at a place on the axis.
  struct Component: Sendable {
    let position: Double
    let share: Double
    let cluster: Int
  }

  private static let backgrounds = 3

  /// - Parameters:
  ///   - edges: borders of the bins, one more than counts.
  ///   - width: expected standard deviation of a line.
  /// - Returns: nil where the fit does not converge or has fewer bins than parameters.
  init?(
    counts data: [Double], edges: [Double], components: [Component], clusters: Int, width expected: Double
  ) {
    let size = 2 + clusters + Self.backgrounds
    guard data.count > size, edges.count == data.count + 1, data.reduce(0, +) > 0 else { return nil }
    let middle = 0.5 * (edges[0] + edges[data.count])
    let half = 0.5 * (edges[data.count] - edges[0])
    let floor = max(1e-3, 0.01 * data.reduce(0, +) / Double(data.count))
    // Start: a flat background at the lower quartile, the rest shared by the clusters.
    let level = max(floor, Quantiles.quantile(data, 0.25))
    let above = max(1, data.reduce(0) { $0 + max(0, $1 - level) })
    var p = [Double](repeating: 0, count: size)
    p[1] = expected
    for cluster in 0..<clusters { p[2 + cluster] = above / Double(clusters) }
    p[2 + clusters] = level

    func model(_ p: [Double], _ bin: Int, _ derivatives: inout [Double]) -> Double {
      for index in derivatives.indices { derivatives[index] = 0 }
      let place = (0.5 * (edges[bin] + edges[bin + 1]) - middle) / half
      derivatives[2 + clusters] = 1
      derivatives[3 + clusters] = place
      derivatives[4 + clusters] = place * place
      var mu = p[2 + clusters] + p[3 + clusters] * place + p[4 + clusters] * place * place
      for component in components {
        let center = component.position + p[0]
        let low = (edges[bin] - center) / p[1]
        let high = (edges[bin + 1] - center) / p[1]
        guard high > -8, low < 8 else { continue }
        let (densityLow, densityHigh) = (Self.density(low), Self.density(high))
        let part = (Distributions.normalCDF(high) - Distributions.normalCDF(low)) * component.share
        let counts = p[2 + component.cluster]
        mu += counts * part
        derivatives[2 + component.cluster] += part
        derivatives[0] += counts * component.share * (densityLow - densityHigh) / p[1]
        derivatives[1] += counts * component.share * (low * densityLow - high * densityHigh) / p[1]
      }
      return mu
    }
    func likelihood(_ p: [Double]) -> Double {
      var derivatives = [Double](repeating: 0, count: size)
      var sum = 0.0
      for bin in data.indices {
        let mu = max(1e-9, model(p, bin, &derivatives))
        sum += mu - (data[bin] > 0 ? data[bin] * log(mu) : 0)
      }
      return sum
    }
    var current = likelihood(p)
    var damping = 1e-3
    var inverse: Matrix?
    for _ in 0..<60 {
      var information = Matrix(zeros: size, size)
      var score = [Double](repeating: 0, count: size)
      var derivatives = score
      for bin in data.indices {
        let mu = max(1e-9, model(p, bin, &derivatives))
        let residual = (data[bin] - mu) / mu
        let weight = 1 / max(mu, floor)
        for i in 0..<size {
          score[i] += derivatives[i] * residual
          for j in 0...i { information[i, j] += derivatives[i] * derivatives[j] * weight }
        }
      }
      for i in 0..<size {
        for j in 0..<i { information[j, i] = information[i, j] }
      }
      guard let plain = Cholesky(information) else { return nil }
      var damped = information
      for i in 0..<size { damped[i, i] *= 1 + damping }
      guard let factor = Cholesky(damped) else { return nil }
      let step = factor.solve(score)
      var next = zip(p, step).map(+)
      next[1] = min(max(next[1], 0.5 * p[1]), 2 * p[1])
      for cluster in 0..<clusters { next[2 + cluster] = max(next[2 + cluster], 1e-3) }
      let value = likelihood(next)
      guard value.isFinite, value <= current + 1e-9 * abs(current) else {
        damping *= 8
        if damping > 1e8 { break }
        continue
      }
      let gain = current - value
      p = next
      current = value
      damping = max(1e-9, damping / 8)
      inverse = plain.inverse
      if gain < 1e-7 && damping < 1e-2 { break }
    }
    guard let inverse, abs(p[0]) < 2 * half, p[1] > 0 else { return nil }
    shift = p[0]
    sigma = inverse[0, 0].squareRoot()
    width = p[1]
    counts = (0..<clusters).map { p[2 + $0] }
    countSigmas = (0..<clusters).map { inverse[2 + $0, 2 + $0].squareRoot() }
  }

  private static func density(_ z: Double) -> Double { exp(-0.5 * z * z) / (2 * Double.pi).squareRoot() }
}
