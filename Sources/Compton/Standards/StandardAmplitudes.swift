import Foundation
import Volumetry

/// Amplitudes of the standards beside what live time, monitor and packing say, and how well they are known.
///
/// Standard i expects e_i a_i (B0 + x_i B1) + t_i G in every bin. With B0 and B1 free the amplitudes are known up to one
/// factor, which every sample's own amplitude takes up, and up to a_i ~ 1 + c x_i: that one moves x by c x (1 - x) between
/// two standards at 0 and 1. Three standards of different x tell c by their shapes. The number of electrons tells it
/// with two: the counts of a formula unit grow with x by what its electrons scatter, bound or not.
public struct StandardAmplitudes: Sendable, Hashable, Codable {
  /// What the amplitudes rest on.
  public enum Source: String, Sendable, Hashable, Codable {
    /// Monitor or packing of every standard.
    case told
    /// Shapes of three standards or more.
    case shapes
    /// Shapes and the electrons of the formula.
    case electrons
    /// Nothing but the live times.
    case assumed
  }

  public var source: Source
  /// Amplitude of each standard; their mean is 1 where all are free.
  public var values: [Double]
  /// Relative standard deviations, one common factor left out.
  public var sigmas: [Double]
  /// Whether monitor, packing or live time said otherwise and were not used, since the spectra contradict them.
  public var contradictsTold: Bool?
  /// Covariance of their logarithms.
  var covariance: Matrix

  enum CodingKeys: String, CodingKey {
    case source
    case contradictsTold = "contradicts_told"
    case values = "amplitudes"
    case sigmas = "amplitude_sigmas"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    source = try container.decode(Source.self, forKey: .source)
    values = try container.decode([Double].self, forKey: .values)
    sigmas = try container.decode([Double].self, forKey: .sigmas)
    contradictsTold = try container.decodeIfPresent(Bool.self, forKey: .contradictsTold)
    covariance = Matrix(zeros: values.count, values.count)
    for index in sigmas.indices { covariance[index, index] = sigmas[index] * sigmas[index] }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(source, forKey: .source)
    try container.encode(values, forKey: .values)
    try container.encode(sigmas, forKey: .sigmas)
    try container.encodeIfPresent(contradictsTold, forKey: .contradictsTold)
  }
}

extension StandardAmplitudes {
  /// Relative standard deviation of the growth of a formula unit's counts with x that electrons say: what the response and
  /// the tails of the profiles change of it.
  static let electronSigma = 0.03

  /// Finds the amplitudes by least squares over the bins, with what is told of them as priors. Amplitudes that are told and
  /// contradict the spectra are found as if nothing were told.
  ///
  /// For each bin the two spectra are eliminated (the Schur complement of the normal equations); weights are those of the
  /// model's own counts and are iterated.
  ///
  /// - Parameters:
  ///   - exposures: of each standard and bin, without amplitudes.
  ///   - background: expected background of each standard and bin.
  ///   - range: the bins that count.
  /// - Throws: `data` where the iteration does not converge.
  init(
    _ set: StandardSet, exposures: [[Double]], background: [[Double]], range: Range<Int>
  ) throws(VoxelithError) {
    let priors = set.standards.map(\.exposure.sigma)
    let n = priors.count
    values = [Double](repeating: 1, count: n)
    sigmas = [Double](repeating: 0, count: n)
    covariance = Matrix(zeros: n, n)
    source = .told
    var electrons: ElectronGrowth?
    if let formula = set.formula { electrons = try ElectronGrowth(formula, set: set, range: range) }
    let isTold = set.standards.contains { $0.exposure.isTold }
    source = isTold ? .told : electrons != nil ? .electrons : n > 2 ? .shapes : .assumed
    let model = AmplitudeModel(set, exposures: exposures, background: background, range: range)
    if priors.contains(where: { $0 > 0 }) {
      try take(Self.solve(model, priors: priors, electrons: electrons, areFree: !isTold))
    }
    if isTold { takeSpectra(model, electrons: n > 2 ? nil : electrons) }
  }

  private struct Likeliest {
    let logs: [Double]
    let covariance: Matrix
  }

  private mutating func take(_ solution: Likeliest) {
    covariance = solution.covariance
    values = solution.logs.map { exp($0) }
    sigmas = solution.logs.indices.map { solution.covariance[$0, $0].squareRoot() }
  }

  /// Part by which a told amplitude may differ from that of the spectra, whatever their errors: of three standards or more,
  /// whose shapes tell amplitudes, and of two, where the theory of the electrons does.
  private static let bearableDifference = (shapes: 0.01, electrons: 0.03)
  /// The spectra must lie on lines so much better, as a part of chi2.
  private static let leastGain = 0.5

  /// Takes what the spectra say of the amplitudes where it contradicts what was told.
  private mutating func takeSpectra(_ model: AmplitudeModel, electrons: ElectronGrowth?) {
    let n = values.count
    let byShapes = n > 2
    guard byShapes || electrons != nil,
      let found = try? Self.solve(
        model, priors: [Double](repeating: StandardExposure.freeSigma, count: n), electrons: electrons,
        areFree: true)
    else { return }
    let told = values.map { log($0) }
    let mean = told.reduce(0, +) / Double(n)
    let differences = (0..<n).map { found.logs[$0] - told[$0] + mean }
    let bearable = byShapes ? Self.bearableDifference.shapes : Self.bearableDifference.electrons
    let contradicts = (0..<n).contains { i in
      abs(differences[i]) > max(bearable, 5 * found.covariance[i, i].squareRoot())
    }
    guard contradicts,
      !byShapes || model.chiSquared(found.logs) < Self.leastGain * model.chiSquared(told)
    else { return }
    take(found)
    source = byShapes ? .shapes : .electrons
    contradictsTold = true
    guard !byShapes else { return }
    // Theory against what was told: either may be right.
    for i in 0..<n { for j in 0..<n { covariance[i, j] += differences[i] * differences[j] } }
    sigmas = (0..<n).map { covariance[$0, $0].squareRoot() }
  }

  private static func solve(
    _ model: AmplitudeModel, priors: [Double], electrons: ElectronGrowth?, areFree: Bool
  ) throws(VoxelithError) -> Likeliest {
    let n = priors.count
    var logs = [Double](repeating: 0, count: n)
    for pass in 0..<60 {
      var (information, score) = model.normal(logs)
      for i in 0..<n {
        let weight = 1 / max(priors[i] * priors[i], 1e-12)
        information[i, i] += weight
        score[i] -= weight * logs[i]
      }
      if areFree {
        // One common factor means nothing: their mean is zero.
        let mean = logs.reduce(0, +) / Double(n)
        for i in 0..<n {
          score[i] -= 1e8 * mean / Double(n)
          for j in 0..<n { information[i, j] += 1e8 / Double(n * n) }
        }
      }
      if let electrons {
        let (value, gradient) = model.growth(logs)
        let weight = 1 / (electrons.sigma * electrons.sigma)
        for i in 0..<n {
          score[i] += weight * gradient[i] * (electrons.value - value)
          for j in 0..<n { information[i, j] += weight * gradient[i] * gradient[j] }
        }
      }
      guard let factor = Cholesky(information) else {
        throw VoxelithError(
          .data, "the amplitudes of the standards cannot be determined from their spectra",
          advice: "give monitor and packing of every standard")
      }
      let step = factor.solve(score)
      for i in 0..<n { logs[i] += min(max(step[i], -0.5), 0.5) }
      let inverse = factor.inverse
      let size = (0..<n).reduce(0.0) { max($0, abs(step[$1]) / max(inverse[$1, $1].squareRoot(), 1e-7)) }
      if size < 1e-3 || pass == 59 {
        guard size < 0.1 else { break }
        return Likeliest(logs: logs, covariance: inverse)
      }
    }
    throw VoxelithError(
      .data, "the amplitudes of the standards do not converge",
      advice: "check the live times of the standards, or give monitor and packing")
  }

  /// By how much x, as a polynomial 1, x, x^2, changes with the logarithm of each amplitude.
  ///
  /// - Parameter influence: see ``StandardInfluence``.
  static func pulls(_ influence: StandardInfluence) -> Matrix {
    var result = Matrix(zeros: 3, influence.x.count)
    for i in influence.x.indices {
      let (p0, p1) = (influence.ofConstant[i], influence.ofSlope[i])
      result[0, i] = p0 * influence.x[i]
      result[1, i] = p1 * influence.x[i] - p0
      result[2, i] = -p1
    }
    return result
  }
}

/// How much each standard counts in the line through them: an error of the spectrum of standard i changes B0 by `ofConstant[i]`
/// and B1 by `ofSlope[i]` of it.
struct StandardInfluence {
  let x: [Double]
  private(set) var ofConstant: [Double] = []
  private(set) var ofSlope: [Double] = []

  /// - Parameter weights: of each standard's rates: the inverse of their variance.
  init(x: [Double], weights: [Double]) {
    self.x = x
    let s0 = weights.reduce(0, +)
    let s1 = zip(weights, x).reduce(0) { $0 + $1.0 * $1.1 }
    let s2 = zip(weights, x).reduce(0) { $0 + $1.0 * $1.1 * $1.1 }
    let determinant = s0 * s2 - s1 * s1
    for (weight, x) in zip(weights, x) {
      ofConstant.append(determinant > 0 ? weight * (s2 - s1 * x) / determinant : 0)
      ofSlope.append(determinant > 0 ? weight * (s0 * x - s1) / determinant : 0)
    }
  }
}
