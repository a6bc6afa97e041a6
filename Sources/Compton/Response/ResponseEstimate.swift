import Foundation
import Volumetry

/// A detector's tail, sharing and, where no efficiency is told, the slope of its logarithm, learnt from the asymmetry of the
/// standards' spectra. Escapes are not learnt: tail and sharing take their place (22 % was found for 6 %).
///
/// A Compton profile is even in pz, so what differs between its sides is the cross-section's, which is known, or the
/// detector's. The model is F(E) J(pz) (1 + even corrections of J) times the efficiency, through the detector; the even
/// corrections are free within 5 %, so that the theory's profile is only a start.
struct ResponseEstimate {
  private(set) var response: DetectorResponse
  private(set) var sigmas: [Double] = []
  /// Fall of chi-squared by what was learnt.
  private(set) var gain = 0.0

  private let measured: [Double]
  private let variances: [Double]
  private let range: Range<Int>
  private let axis: EnergyAxis
  private let given: DetectorResponse
  private let ideal: IdealSpectrum

  /// Tail, its length in keV, sharing, slope of the logarithm of the efficiency per 10 keV, width over the given one,
  /// offset in keV, flat background over the mean of the bins.
  private static let start = [0.02, 3, 0.01, 0, 1, 0, 0]
  private static let priors: [(center: Double, sigma: Double)] = [
    (0, 0.3), (3, 1.5), (0, 0.3), (0, 1), (1, 0.05), (0, 0.1), (0, 0.01),
  ]
  private static let evenSigma = 0.05
  private static let passes = 30
  private static let largestTail = 0.49
  private static let beside = [4, 5, 6]
  /// Fall of chi-squared that four parameters do not reach by chance.
  private static let least = 40.0

  /// - Parameters:
  ///   - spectrum: counts of the standards together, without background.
  ///   - formula: and x, its mean over the standards.
  ///   - range: bins that are looked at.
  /// - Returns: nil where nothing is learnt.
  init?(
    _ spectrum: [Double], axis: EnergyAxis, geometry: ScatteringGeometry, response: DetectorResponse,
    formula: ChemicalFormula, x: Double, range: Range<Int>
  ) {
    guard response.resolution > 0, range.count > 30, let profile = try? MaterialProfile(formula, x: x) else {
      return nil
    }
    let total = range.reduce(0.0) { $0 + spectrum[$1] }
    guard total > 1e6 else { return nil }
    self.axis = axis
    self.range = range
    given = response
    self.response = response
    measured = spectrum
    variances = spectrum.map { max($0, 1) }
    ideal = IdealSpectrum(profile, axis: axis, geometry: geometry, resolution: response.resolution)
    let even = IdealSpectrum.evenTerms
    let slope = response.efficiency.isEmpty ? [3] : []
    guard let plain = fit(free: slope + Self.beside, even: even),
      let full = best([0, 1, 2] + slope + Self.beside, even: even)
    else { return nil }
    gain = plain.cost - full.cost
    // Of very many counts the theory's profile explains all but a small part, and not all.
    guard gain > Self.least,
      full.cost < max(20 * Double(range.count), 0.1 * plain.cost),
      let learnt = try? DetectorResponse(
        resolution: response.resolution, tailFraction: full.values[0],
        tailLength: full.values[1],
        efficiency: response.efficiency.isEmpty
          ? stride(from: 0.0, through: 1.0, by: 0.1).map { part in
            let energy = axis.centers[0] + part * (geometry.incidentEnergy - axis.centers[0])
            return .init(energy: energy, value: exp(full.values[3] * (energy - geometry.peakEnergy) / 10))
          } : response.efficiency,
        sharingFraction: full.values[2], escapes: response.escapes)
    else { return nil }
    self.response = learnt
    self.response.isLearnt = true
    sigmas = full.sigmas
  }

  private typealias Fit = (values: [Double], sigmas: [Double], cost: Double)

  /// The best of fits from a short tail and a long one, and without sharing: at its bound of none a step may lead nowhere.
  private func best(_ all: [Int], even: Int) -> Fit? {
    let tries: [(free: [Int], tail: Double)] = [(all, 0.02), (all, 0.15), (all.filter { $0 != 2 }, 0.1)]
    return tries.compactMap { fit(free: $0.free, even: even, tail: $0.tail) }.min { $0.cost < $1.cost }
  }

  /// Levenberg and Marquardt's fit of the parameters in `free` and the even corrections.
  private func fit(free: [Int], even: Int, tail: Double = 0.02) -> Fit? {
    let fixed = Self.start.count
    var values = Self.start + [Double](repeating: 0, count: even)
    for index in 0..<fixed where !free.contains(index) { values[index] = index == 1 ? 3 : index == 4 ? 1 : 0 }
    if free.contains(0) { values[0] = tail }
    let parameters = free + Array(fixed..<(fixed + even))
    var model = expected(values)
    var cost = self.cost(model, values, parameters)
    var damping = 1e-2
    var sigmas: [Double] = []
    for _ in 0..<Self.passes {
      var normal = Matrix(zeros: parameters.count, parameters.count)
      var score = [Double](repeating: 0, count: parameters.count)
      let derivatives = parameters.map { index -> [Double] in
        var moved = values
        let step = index == 1 ? 0.02 : 1e-3
        moved[index] += step
        let there = expected(moved)
        return range.map { (there[$0] - model[$0]) / step }
      }
      for (i, left) in derivatives.enumerated() {
        for (k, bin) in range.enumerated() {
          score[i] += left[k] * (measured[bin] - model[bin]) / variances[bin]
        }
        for (j, right) in derivatives.enumerated() where j <= i {
          var sum = 0.0
          for (k, bin) in range.enumerated() { sum += left[k] * right[k] / variances[bin] }
          normal[i, j] = sum
          normal[j, i] = sum
        }
        let prior = self.prior(parameters[i])
        let weight = 1 / (prior.sigma * prior.sigma)
        normal[i, i] += weight
        score[i] += weight * (prior.center - values[parameters[i]])
      }
      var damped = normal
      for i in parameters.indices { damped[i, i] *= 1 + damping }
      guard let plain = Cholesky(normal), let factor = Cholesky(damped) else { return nil }
      let step = factor.solve(score)
      var next = values
      for (i, index) in parameters.enumerated() { next[index] += step[i] }
      next[0] = min(max(next[0], 0), Self.largestTail)
      next[1] = min(max(next[1], 0.3), 20)
      next[2] = min(max(next[2], 0), 0.45)
      let there = expected(next)
      let value = self.cost(there, next, parameters)
      guard value.isFinite, value <= cost * (1 + 1e-12) else {
        damping *= 8
        if damping > 1e8 { break }
        continue
      }
      let gain = cost - value
      (values, model, cost) = (next, there, value)
      damping = max(1e-8, damping / 8)
      let inverse = plain.inverse
      sigmas = parameters.indices.map { inverse[$0, $0].squareRoot() }
      if gain < 1e-3 { break }
    }
    return sigmas.isEmpty ? nil : (values, sigmas, cost)
  }

  private func prior(_ index: Int) -> (center: Double, sigma: Double) {
    index < Self.priors.count ? Self.priors[index] : (0, Self.evenSigma)
  }

  private func cost(_ model: [Double], _ values: [Double], _ parameters: [Int]) -> Double {
    let data = range.reduce(0.0) {
      $0 + (measured[$1] - model[$1]) * (measured[$1] - model[$1]) / variances[$1]
    }
    return parameters.reduce(data) { sum, index in
      let prior = self.prior(index)
      return sum + pow((values[index] - prior.center) / prior.sigma, 2)
    }
  }

  /// Expected counts, scaled to what was measured in the range.
  private func expected(_ values: [Double]) -> [Double] {
    var detector = given
    detector.resolution = given.resolution * min(max(values[4], 0.5), 2)
    detector.tailFraction = values[0]
    detector.tailLength = values[1]
    detector.sharingFraction = values[2]
    let counts = ideal.counts(
      slope: values[3], offset: values[5], even: Array(values[Self.start.count...]), detector: detector)
    let sum = range.reduce(0.0) { $0 + counts[$1] }
    let seen = range.reduce(0.0) { $0 + measured[$1] }
    let flat = values[6] * seen / Double(range.count)
    return counts.map { $0 * (1 - values[6]) * seen / sum + flat }
  }
}
