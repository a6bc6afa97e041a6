import Volumetry

/// The Poisson fit of one voxel with the amounts of all components as parameters:
/// mu = v0 first + v1 second + sum_k c_k S_k + offset.
///
/// It needs no fractions and pays for it in precision, see ``VoxelFit/sigmaOfKnownComponents``. Fractions that are
/// known with an error enter as measurements beside the counts: the fit is then at the bound of that problem, whether
/// the fractions or the spectrum know more.
struct FreeComponentFit: Sendable {
  /// Amounts that were measured elsewhere, with one standard deviation.
  struct Prior: Sendable {
    let amounts: [Double]
    let sigma: Double

    var weight: Double { 1 / (sigma * sigma) }
  }

  let fitter: ProfileFitter
  var prior: Prior?
  private static let largestIterations = 60

  /// Spectra of the parameters and what the score weights bins by.
  private struct Terms {
    let spectra: [[SIMD8<Float>]]
    let weights: [[SIMD8<Float>]]
    let offset: [SIMD8<Float>]
  }

  /// Sensitivity matrix sum_b E_b D_b^T / mu_b and score.
  private struct Sums {
    var sensitivity: Matrix
    var score: [Double]
    var lowest: Float

    /// Adds what was measured of the amounts.
    mutating func add(_ prior: Prior, at v: [Double]) {
      for (k, amount) in prior.amounts.enumerated() {
        sensitivity[k + 2, k + 2] += prior.weight
        score[k + 2] += (amount - v[k + 2]) * prior.weight
      }
    }
  }

  /// - Parameters:
  ///   - counts: packed like the spectra, with 1 in the padding.
  ///   - total: sum of the counts without padding.
  ///   - own: spectra of the active material; `offset` holds the background alone.
  ///   - components: the others, what the score weights bins by for them, and their variances.
  func fit(
    _ counts: Span<SIMD8<Float>>, total: Double, own: PreparedSpectra, components: [[SIMD8<Float>]],
    weights: [[SIMD8<Float>]], variances: [[SIMD8<Float>]]
  ) -> VoxelFit {
    guard total > 0, total > own.offsetTotal - 5 * max(0, own.offsetTotal).squareRoot() else {
      return VoxelFit(status: .empty)
    }
    guard total >= fitter.minimumCounts else { return VoxelFit(status: .tooFewCounts) }
    let spectra = [own[.first], own[.second]] + components
    let terms = Terms(
      spectra: spectra, weights: [own[.firstWeight], own[.secondWeight]] + weights, offset: own[.offset])
    let middle = 0.5 * (fitter.range.lowerBound + fitter.range.upperBound)
    let net = max(total - own.offsetTotal, 1e-3 * total)
    var v = [Double](repeating: 0, count: spectra.count)
    v[0] = net / own.firstSum
    if let prior {
      for (k, amount) in prior.amounts.enumerated() { v[k + 2] = amount }
      let others = zip(prior.amounts, components).reduce(0.0) { $0 + $1.0 * Self.total($1.1) }
      v[0] = max(net - others, 1e-3 * net) / own.firstSum
    }
    v[1] = middle * v[0] / (1 + own.mixing * middle)
    var previous: [Double]?
    var result = VoxelFit()
    let tolerance = ProfileFitter.tolerance(total: total)
    for iteration in 1...Self.largestIterations {
      result.iterations = iteration
      v = v.map { Double(Float($0)) }
      var sums = Self.sums(counts, terms, v)
      if let prior { sums.add(prior, at: v) }
      if !(sums.lowest > 0) {
        guard let start = previous else {
          v[1] *= 0.5
          continue
        }
        for index in v.indices { v[index] = 0.5 * (v[index] + start[index]) }
        continue
      }
      previous = v
      guard let inverse = sums.sensitivity.inverse, Self.isWellConditioned(sums.sensitivity, inverse) else {
        return VoxelFit(status: .notConverged)
      }
      let step = inverse * sums.score
      for index in v.indices { v[index] += step[index] }
      if sums.sensitivity.quadraticForm(step) < tolerance {
        return finish(
          result, sensitivity: sums.sensitivity, v: v, counts: counts, own: own, terms: terms,
          variances: variances)
      }
    }
    return VoxelFit(status: .notConverged)
  }

  /// Variance of x that is expected at `x` from what the voxel counted, without the errors of the standards.
  ///
  /// - Parameters:
  ///   - net: counts without background.
  ///   - components: spectra with as little noise as there are: what the score weights bins by.
  func expectedVariance(
    _ counts: Span<SIMD8<Float>>, net: Double, x: Double, own: PreparedSpectra, components: [[SIMD8<Float>]]
  ) -> Double {
    let spectra = [own[.firstWeight], own[.secondWeight]] + components
    let terms = Terms(spectra: spectra, weights: spectra, offset: own[.offset])
    var v = [Double](repeating: 0, count: spectra.count)
    var others = 0.0
    if let prior {
      for (k, amount) in prior.amounts.enumerated() {
        v[k + 2] = amount
        others += amount * Self.total(components[k])
      }
    }
    let amplitude = max(net - others, 1e-3 * net) / own.firstSum / (1 + own.mixing * x)
    v[0] = amplitude * (1 + own.mixing * x)
    v[1] = amplitude * x
    var sums = Self.sums(counts, terms, v)
    if let prior { sums.add(prior, at: v) }
    guard amplitude > 0, let factor = Cholesky(sums.sensitivity) else { return .infinity }
    var gradient = [Double](repeating: 0, count: spectra.count)
    (gradient[0], gradient[1]) = gradientOfLithium(x: x, amplitude: amplitude, mixing: own.mixing)
    return zip(gradient, factor.solve(gradient)).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// Whether single precision in the sums leaves the solution meaningful: the largest variance inflation is below
  /// 10^5.
  private static func isWellConditioned(_ sensitivity: Matrix, _ inverse: Matrix) -> Bool {
    (0..<sensitivity.rows).allSatisfy { 0..<1e5 ~= sensitivity[$0, $0] * inverse[$0, $0] }
  }

  private static func sums(
    _ counts: Span<SIMD8<Float>>, _ terms: Terms, _ v: [Double]
  ) -> Sums {
    let p = v.count
    let amounts = v.map { Float($0) }
    var sums = Sums(sensitivity: Matrix(zeros: p, p), score: [Double](repeating: 0, count: p), lowest: 0)
    var inverses = [SIMD8<Float>](repeating: .zero, count: counts.count)
    var residuals = inverses
    var lowest = SIMD8<Float>(repeating: .greatestFiniteMagnitude)
    for group in counts.indices {
      var mu = terms.offset[group]
      for k in 0..<p { mu += amounts[k] * terms.spectra[k][group] }
      lowest = smaller(lowest, mu)
      let inverse = 1 / larger(mu, SIMD8(repeating: 1e-12))
      inverses[group] = inverse
      residuals[group] = (counts[group] - mu) * inverse
    }
    for i in 0..<p {
      sums.score[i] = product(terms.weights[i], residuals)
      for j in 0..<p { sums.sensitivity[i, j] = product(terms.weights[i], terms.spectra[j], inverses) }
    }
    sums.lowest = lowest.min()
    return sums
  }

  private static func total(_ a: [SIMD8<Float>]) -> Double { a.reduce(0) { $0 + Double($1.sum()) } }

  private static func product(_ a: [SIMD8<Float>], _ b: [SIMD8<Float>]) -> Double {
    var total = 0.0
    for group in a.indices { total += Double((a[group] * b[group]).sum()) }
    return total
  }

  private static func product(_ a: [SIMD8<Float>], _ b: [SIMD8<Float>], _ c: [SIMD8<Float>]) -> Double {
    var total = 0.0
    for group in a.indices { total += Double((a[group] * b[group] * c[group]).sum()) }
    return total
  }

  /// As ``ProfileFitter`` does for two amplitudes: the correction for noise in the spectra, x, its error, deviance.
  private func finish(
    _ start: VoxelFit, sensitivity: Matrix, v fitted: [Double], counts: Span<SIMD8<Float>>,
    own: PreparedSpectra, terms: Terms, variances: [[SIMD8<Float>]]
  ) -> VoxelFit {
    var result = start
    let p = fitted.count
    let noise = noise(own: own, terms: terms, variances: variances, v: fitted)
    guard let inverse = (sensitivity + -1 * noise.inflation).inverse, inverse[0, 0] > 0, inverse[1, 1] > 0
    else {
      return VoxelFit(status: .notConverged)
    }
    let pull = noise.inflation * fitted
    let change = inverse * pull
    let v = (0..<p).map { fitted[$0] + change[$0] }
    let amplitude = v[0] - own.mixing * v[1]
    let spread = inverse[0, 0].squareRoot()
    guard amplitude > 0, v[0] > ProfileFitter.leastSignificance * spread else {
      return VoxelFit(status: .empty)
    }
    let x = v[1] / amplitude
    var gradient = [Double](repeating: 0, count: p)
    (gradient[0], gradient[1]) = gradientOfLithium(x: x, amplitude: amplitude, mixing: own.mixing)
    let projected = inverse.transposed * gradient
    let counting = max(0, noise.counting.quadraticForm(projected))
    let shared = max(
      0,
      noise.spread.quadraticForm(projected)
        + StandardsCovariance.value(fitter.standardsCovariance, x, x))
    result.x = x
    result.amplitude = amplitude
    result.sharedSigma = shared.squareRoot()
    result.sigma = (counting + shared).squareRoot()
    if let prior {
      let pulls = projected[2...].reduce(0.0) { $0 + $1 * $1 }
      result.fractionPulls = projected[2...].map { Float($0 * prior.weight.squareRoot()) }
      result.fractionSigma = min(pulls * prior.weight, counting).squareRoot()
    }
    let f00 = noise.counting[0, 0]
    let f01 = noise.counting[0, 1]
    let f11 = noise.counting[1, 1]
    let determinant = f00 * f11 - f01 * f01
    if determinant > 0, prior == nil {
      let known =
        (f11 * gradient[0] * gradient[0] - 2 * f01 * gradient[0] * gradient[1] + f00 * gradient[1]
          * gradient[1])
        / determinant
      result.sigmaOfKnownComponents = (max(0, known) + shared).squareRoot()
    }
    var all = own
    for k in 2..<p {
      let amount = Float(fitted[k])
      for group in 0..<all.groups { all[.offset, group] += amount * terms.spectra[k][group] }
    }
    let deviance = ProfileFitKernel.deviance(counts, all, v0: Float(fitted[0]), v1: Float(fitted[1]))
    result.deviance = deviance.value
    result.expectedDeviance = deviance.expected - Double(prior == nil ? p : 2)
    let slack = fitter.rangeSigmas * result.sigma
    if x < fitter.range.lowerBound - slack || x > fitter.range.upperBound + slack {
      result.status = .outsideRange
    }
    return result
  }

  private func noise(
    own: PreparedSpectra, terms: Terms, variances: [[SIMD8<Float>]], v: [Double]
  ) -> (counting: Matrix, inflation: Matrix, spread: Matrix) {
    let p = v.count
    let amounts = v.map { Float($0) }
    var inflation = Matrix(zeros: p, p)
    var inverses = own[.offset]
    var shares = own[.offset]
    var excesses = own[.offset]
    let amplitude = Float(v[0] - own.mixing * v[1])
    let filled = amounts[2...].reduce(amplitude, +)
    let share = (1 - filled) * (1 - filled)
    for group in inverses.indices {
      var mu = own[.offset, group]
      for k in 0..<p { mu += amounts[k] * terms.spectra[k][group] }
      let inverse = 1 / larger(mu, SIMD8(repeating: 1e-12))
      var q = amounts[0] * amounts[0] * own[.firstVariance, group]
      q += 2 * amounts[0] * amounts[1] * own[.crossCovariance, group]
      q += amounts[1] * amounts[1] * own[.secondVariance, group]
      q += share * own[.offsetVariance, group]
      for k in 2..<p { q += amounts[k] * amounts[k] * variances[k - 2][group] }
      inverses[group] = inverse
      shares[group] = inverse * own[.keptVariance, group]
      excesses[group] = q * inverse * inverse
    }
    inflation[0, 0] = Self.product(own[.firstVariance], shares)
    inflation[0, 1] = Self.product(own[.crossCovariance], shares)
    inflation[1, 0] = inflation[0, 1]
    inflation[1, 1] = Self.product(own[.secondVariance], shares)
    for k in 2..<p { inflation[k, k] = Self.product(variances[k - 2], shares) }
    var counting = Matrix(zeros: p, p)
    var spread = Matrix(zeros: p, p)
    for i in 0..<p {
      for j in 0...i {
        counting[i, j] = Self.product(terms.weights[i], terms.weights[j], inverses)
        counting[j, i] = counting[i, j]
        spread[i, j] = Self.product(terms.weights[i], terms.weights[j], excesses)
        spread[j, i] = spread[i, j]
      }
    }
    if let prior { for k in 2..<p { counting[k, k] += prior.weight } }
    return (counting, inflation, spread)
  }
}
