import Foundation
import Volumetry

/// A detector's tail, sharing, escapes and slope of efficiency, as far as they are not told, learnt from the asymmetry of the
/// standards' spectra.
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
  /// offset in keV, flat background over the mean of the bins, parts of the photons that
  /// lose a K line of cadmium or of tellurium, elastic photons for each inelastic one.
  private static let start = [0.02, 3, 0.01, 0, 1, 0, 0, 0.01, 0.01, 0.005]
  private static let priors: [(center: Double, sigma: Double)] = [
    (0, 0.3), (3, 1.5), (0, 0.3), (0, 1), (1, 0.05), (0, 0.1), (0, 0.01), (0, 0.05), (0, 0.05),
    (0, 0.05),
  ]
  private static let beside = [4, 5, 6]
  private static let lines = [7, 8]
  private static let elastic = 9
  private static let evenSigma = 0.05
  private static let passes = 30
  private static let largestTail = 0.49
  /// Fall of chi-squared for each parameter that is not reached by chance.
  private static let least = 10.0

  /// - Parameters:
  ///   - spectrum: counts of the standards together, without background.
  ///   - formula: and x, its mean over the standards.
  ///   - range: bins that are looked at.
  /// - Returns: nil where nothing is learnt.
  init?(
    _ spectrum: [Double], axis: EnergyAxis, geometry: ScatteringGeometry,
    response: DetectorResponse,
    formula: ChemicalFormula, x: Double, range: Range<Int>
  ) {
    guard response.resolution > 0, range.count > 30,
      let profile = try? MaterialProfile(formula, x: x)
    else {
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
    let unknown = Self.unknown(of: response)
    guard !unknown.isEmpty,
      let plain = fit(free: Self.beside + unknown.filter { $0 == 3 }, even: even),
      let full = best(unknown, even: even)
    else { return nil }
    gain = plain.cost - full.cost
    // Of very many counts the theory's profile explains all but a small part, and not all.
    guard gain > Self.least * Double(full.learnt),
      full.cost < max(20 * Double(range.count), 0.1 * plain.cost),
      let learnt = try? DetectorResponse(
        resolution: response.resolution,
        tailFraction: min(max(0, full.values[0]), Self.largestTail),
        tailLength: min(max(0.3, full.values[1]), 20),
        efficiency: unknown.contains(3)
          ? stride(from: 0.0, through: 1.0, by: 0.1).map { part in
            let energy = axis.centers[0] + part * (geometry.incidentEnergy - axis.centers[0])
            return .init(
              energy: energy, value: exp(full.values[3] * (energy - geometry.peakEnergy) / 10))
          } : response.efficiency,
        sharingFraction: min(max(0, full.values[2]), 0.45), escapes: escapes(full.values))
    else { return nil }
    self.response = learnt
    if full.values[Self.elastic] > 0 { self.response.elastic = full.values[Self.elastic] }
    self.response.isLearnt = true
    sigmas = full.sigmas
  }

  private struct Fit {
    var values: [Double]
    var sigmas: [Double]
    var cost: Double
    /// How many parameters of the detector are free.
    var learnt: Int
  }

  /// The detector's parameters that are not told.
  private static func unknown(of response: DetectorResponse) -> [Int] {
    (response.tailFraction > 0 ? [] : [0, 1]) + (response.sharingFraction > 0 ? [] : [2])
      + (response.efficiency.isEmpty ? [3] : []) + (response.escapes.isEmpty ? lines : [])
  }

  /// The best of fits from a short tail and a long one, and without sharing: at its bound of none a step may lead nowhere. Escapes
  /// and what the detector makes of the elastic line are taken where they are needed.
  private func best(_ unknown: [Int], even: Int) -> Fit? {
    let all = Self.beside + unknown.filter { !Self.lines.contains($0) }
    let tries: [(free: [Int], tail: Double)] = [
      (all, 0.02), (all, 0.15), (all.filter { $0 != 2 }, 0.1),
    ]
    let fits = tries.compactMap { fit(free: $0.free, even: even, tail: $0.tail) }
    guard var best = fits.min(by: { $0.cost < $1.cost }) else { return nil }
    let plain = best
    let lines = unknown.filter { Self.lines.contains($0) }
    for more in [lines, lines + [Self.elastic]] where !more.isEmpty {
      let starts = [
        plain.values, best.values, Self.start + Array(plain.values[Self.start.count...]),
      ]
      for start in starts {
        guard let full = fit(free: all + more, even: even, tail: max(0.02, start[0]), from: start)
        else { continue }
        let extra = Double(full.learnt - best.learnt)
        if best.cost - full.cost > Self.least * extra { best = full }
      }
    }
    return best
  }

  /// K lines of cadmium and tellurium in keV, and their parts of the element's escapes (Thompson et al., X-ray Data Booklet (2009),
  /// tables 1-2 and 1-3).
  private static let cadmium: [(energy: Double, part: Double)] = [(23.17, 0.82), (26.1, 0.18)]
  private static let tellurium: [(energy: Double, part: Double)] = [(27.47, 0.81), (31.0, 0.19)]

  private func escapes(_ values: [Double]) -> [DetectorResponse.Escape] {
    guard given.escapes.isEmpty else { return given.escapes }
    return [(Self.cadmium, max(0, values[7])), (Self.tellurium, max(0, values[8]))].flatMap {
      lines, whole in
      whole > 0 ? lines.map { .init(energy: $0.energy, fraction: whole * $0.part) } : []
    }
  }

  /// Levenberg and Marquardt's fit of the parameters in `free` and the even corrections.
  private func fit(free chosen: [Int], even: Int, tail: Double = 0.02, from start: [Double]? = nil)
    -> Fit?
  {
    let free = chosen.sorted()
    let fixed = Self.start.count
    var values = start ?? Self.start + [Double](repeating: 0, count: even)
    let told = [
      given.tailFraction, given.tailFraction > 0 ? given.tailLength : 3, given.sharingFraction, 0,
      1, 0, 0, 0, 0, 0,
    ]
    for index in 0..<fixed where !free.contains(index) { values[index] = told[index] }
    for index in Self.lines + [Self.elastic] where free.contains(index) {
      values[index] = max(values[index], 0.003)
    }
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
      for line in Self.lines + [Self.elastic] { next[line] = min(max(next[line], 0), 0.15) }
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
    let learnt = free.filter { !Self.beside.contains($0) }.count
    return sigmas.isEmpty ? nil : Fit(values: values, sigmas: sigmas, cost: cost, learnt: learnt)
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
    detector.escapes = escapes(values)
    let counts = ideal.counts(
      slope: values[3], offset: values[5], even: Array(values[Self.start.count...]),
      elastic: values[Self.elastic],
      detector: detector)
    let sum = range.reduce(0.0) { $0 + counts[$1] }
    let seen = range.reduce(0.0) { $0 + measured[$1] }
    let flat = values[6] * seen / Double(range.count)
    return counts.map { $0 * (1 - values[6]) * seen / sum + flat }
  }
}
