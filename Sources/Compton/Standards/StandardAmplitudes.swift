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
  /// Covariance of their logarithms.
  var covariance: Matrix

  enum CodingKeys: String, CodingKey {
    case source
    case values = "amplitudes"
    case sigmas = "amplitude_sigmas"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    source = try container.decode(Source.self, forKey: .source)
    values = try container.decode([Double].self, forKey: .values)
    sigmas = try container.decode([Double].self, forKey: .sigmas)
    covariance = Matrix(zeros: values.count, values.count)
    for index in sigmas.indices { covariance[index, index] = sigmas[index] * sigmas[index] }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(source, forKey: .source)
    try container.encode(values, forKey: .values)
    try container.encode(sigmas, forKey: .sigmas)
  }
}

extension StandardAmplitudes {
  /// Relative standard deviation of the growth of a formula unit's counts with x that electrons say: what the response and
  /// the tails of the profiles change of it.
  static let electronSigma = 0.03

  /// Finds the amplitudes by least squares over the bins, with what is told of them as priors.
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
    guard priors.contains(where: { $0 > 0 }) else { return }
    var electrons: ElectronGrowth?
    if let formula = set.formula { electrons = try ElectronGrowth(formula, set: set, range: range) }
    source =
      set.standards.contains { $0.exposure.isTold }
      ? .told : electrons != nil ? .electrons : n > 2 ? .shapes : .assumed
    let model = AmplitudeModel(set, exposures: exposures, background: background, range: range)
    let areFree = !set.standards.contains { $0.exposure.isTold }
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
        guard size < 0.1 else {
          throw VoxelithError(
            .data, "the amplitudes of the standards do not converge",
            advice: "check the live times of the standards, or give monitor and packing")
        }
        covariance = inverse
        break
      }
    }
    values = logs.map { exp($0) }
    sigmas = (0..<n).map { covariance[$0, $0].squareRoot() }
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
