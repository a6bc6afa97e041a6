import Foundation
import Volumetry

/// By what the standards' spectra disagree beyond their counts: noise from bin to bin, and shapes.
public struct StandardExcess: Sendable, Hashable, Codable {
  /// Variance of the bins about the lines over that of counts, from second differences, where it is not 1: the standards
  /// are then no counts, or noisier ones. It multiplies the variances of the spectra.
  public var dispersion: Double?
  /// Chi-squared per degree of freedom, in units of the dispersion.
  public var reducedChiSquared: Double
  /// Probability of a larger one by chance.
  public var probability: Double
  /// For each standard, the error of x that the shapes of its misfit may stand for; zeros where they are chance.
  ///
  /// A shape of chi-squared E that lies half along the change with x moves x by sqrt(E) standard deviations of its own
  /// counts, and leaves the other half to be seen.
  public var xSigmas: [Double]

  enum CodingKeys: String, CodingKey {
    case dispersion, probability
    case reducedChiSquared = "reduced_chi_squared"
    case xSigmas = "x_sigma_of_misfit"
  }

  /// Probability below which a misfit is not chance.
  static let least = 1e-3

  /// - Returns: nil where the standards agree, or two leave nothing to test.
  init?(
    residuals: [[Double]], chiSquared: Double, degreesOfFreedom: Int, countingVariances: [Double]
  ) {
    let n = residuals.count
    guard n > 2, degreesOfFreedom > 0 else { return nil }
    let lost = Double(n) / Double(n - 2)
    var squares = 0.0
    var number = 0
    for list in residuals where list.count > 4 {
      for bin in 1..<(list.count - 1) {
        let bend = list[bin - 1] - 2 * list[bin] + list[bin + 1]
        squares += bend * bend / 6
        number += 1
      }
    }
    let scatter = number > 0 ? lost * squares / Double(number) : 1
    let sigma = scatter * (3.9 * lost / Double(max(1, number))).squareRoot()
    dispersion = abs(scatter - 1) > max(5 * sigma, 0.05 * scatter) ? scatter : nil
    let noise = dispersion ?? 1
    let dof = Double(degreesOfFreedom)
    reducedChiSquared = chiSquared / noise / dof
    probability = Distributions.chiSquaredTail(chiSquared / noise, dof: dof)
    xSigmas = [Double](repeating: 0, count: n)
    if probability < Self.least {
      let beyond = chiSquared / noise - dof
      let all = residuals.map { $0.reduce(0) { $0 + $1 * $1 } }
      let sum = all.reduce(0, +)
      xSigmas = all.indices.map { i in
        countingVariances[i].isFinite
          ? (lost * beyond * all[i] / sum * noise * countingVariances[i]).squareRoot() : 0
      }
    } else if dispersion == nil {
      return nil
    }
  }

  /// Whether shapes disagree.
  public var hasMisfit: Bool { probability < Self.least }
}
