/// What bins are weighted by in the score of the profile fit: the spectra of the basis, smoothed.
///
/// The fit solves sum_b E_b (y_b - mu_b) / mu_b = 0. With E = D, the basis itself, that is maximum likelihood, which
/// also weights bins by the counting noise of the standards and so has sqrt(1 + K / F) times the error of the bound,
/// K = sum_b C_b / mu_b and F = sum_b D_b D_b^T / mu_b. Any E gives an unbiased x; noise that is smoothed away in E no
/// longer counts, and E need not be exact, since its error enters sigma(x) in second order only. The model mu keeps
/// the spectra as they were measured.
public struct ProfileWeights: Sendable, Hashable, Codable {
  /// Width of the smoothing: sigma of its Gaussian in bins of the calibration.
  public var width: Double
  /// Part of a bin's error that its own weight shares: the middle of the smoothing kernel.
  public var ownShare: Double
  /// Smoothed rates per bin: constant, slope, then components.
  public var spectra: [[Double]]

  enum CodingKeys: String, CodingKey {
    case width = "smoothing_bins"
    case ownShare = "own_share"
    case spectra = "rates_per_s"
  }
}

extension ProfileWeights {
  /// Widths that are tried, in bins.
  private static let widths = [1, 1.4, 2, 2.8, 4, 5.6, 8, 11, 16, 22, 32]

  /// The smoothing with the smallest variance of x at equal counts; nil where none is better than the spectra.
  ///
  /// For each width the variance is that of the estimate for the standards as they are, g^T A^-1 B A^-T g with
  /// A = sum E D^T / mu - (own share) K and B = sum E E^T / mu.
  static func best(for basis: ProfileBasis, x: Double) -> ProfileWeights? {
    func variance(_ weights: ProfileWeights?) -> Double? {
      var trial = basis
      trial.weights = weights
      let none = [Double](repeating: 0, count: basis.constant.count)
      guard let known = try? ProfileInformation(trial, x: x, amplitude: 1, background: none) else {
        return nil
      }
      return known.countingSigma * known.countingSigma
    }
    guard var least = variance(nil) else { return nil }
    var best: ProfileWeights?
    for width in widths where 8 * width < Double(basis.fitRange.count) {
      let kernel = SmoothingKernel(width: width)
      let trial = ProfileWeights(
        width: width, ownShare: kernel.middle,
        spectra: ([basis.constant, basis.slope] + basis.components.map(\.rate)).map(kernel.smoothed))
      guard let value = variance(trial), value < least else { continue }
      least = value
      best = trial
    }
    return best
  }
}

/// Twice a Gaussian less the Gaussian applied twice (J. W. Tukey's twicing): parabolas and cubics pass unchanged.
struct SmoothingKernel {
  private let taps: [Double]
  private var radius: Int { taps.count / 2 }
  /// Weight of a value in its own smoothed value.
  var middle: Double { taps[radius] }

  /// - Parameters:
  ///   - width: sigma of the Gaussian in samples.
  init(width: Double) {
    let reach = Int((4 * width).rounded(.up))
    let gauss = (-reach...reach).map { exponential(-0.5 * Double($0 * $0) / (width * width)) }
    let sum = gauss.reduce(0, +)
    var taps = [Double](repeating: 0, count: 4 * reach + 1)
    for (i, a) in gauss.enumerated() {
      taps[i + reach] += 2 * a / sum
      for (j, b) in gauss.enumerated() { taps[i + j] -= a * b / (sum * sum) }
    }
    self.taps = taps
  }

  /// Smoothed values; at the ends the part of the kernel that lies inside, scaled to a sum of one.
  func smoothed(_ values: [Double]) -> [Double] {
    values.indices.map { i in
      let low = max(0, i - radius)
      let high = min(values.count - 1, i + radius)
      var sum = 0.0
      var weight = 0.0
      for j in low...high {
        let tap = taps[j - i + radius]
        sum += tap * values[j]
        weight += tap
      }
      return sum / weight
    }
  }
}
