import Volumetry

/// What a spectrum tells of x by the profile fit, from the basis alone: the Fisher information of the two amplitudes,
/// freed of what noise in the basis adds to it, and the pull of every bin on x.
///
/// With mu = s (B0 + x B1) + g, D = (B0, B1), F = sum D D^T / mu and K = sum C / mu the fit's covariance of the
/// amplitudes is (F - K)^-1 F (F - K)^-1, and an error dD of the basis changes x by - sum_b h_b (dB0 + x dB1).
struct ProfileInformation: Sendable {
  let x: Double
  /// Standard deviation of x by the counts.
  let countingSigma: Double
  /// Change of x for each count more in a bin of the fit, times the amplitude: h in the formula above.
  let pulls: [Double]

  /// - Parameters:
  ///   - amplitude: what multiplies the basis: live time times the filled part of the voxel.
  ///   - background: expected background counts of each bin of the axis.
  /// - Throws: `data` where the spectra cannot be told apart.
  init(
    _ basis: ProfileBasis, x: Double, amplitude: Double, background: [Double]
  ) throws(VoxelithError) {
    let range = basis.fitRange
    var f = (0.0, 0.0, 0.0)
    var k = (0.0, 0.0, 0.0)
    var mus = [Double](repeating: .infinity, count: range.count)
    for bin in range {
      let mu = amplitude * (basis.constant[bin] + x * basis.slope[bin]) + background[bin]
      guard mu > 0 else { continue }
      mus[bin - range.lowerBound] = mu
      let (d0, d1) = (basis.constant[bin], basis.slope[bin])
      f = (f.0 + d0 * d0 / mu, f.1 + d0 * d1 / mu, f.2 + d1 * d1 / mu)
      k = (
        k.0 + basis.constantVariance[bin] / mu, k.1 + basis.crossCovariance[bin] / mu,
        k.2 + basis.slopeVariance[bin] / mu
      )
    }
    let g = (f.0 - k.0, f.1 - k.1, f.2 - k.2)
    let determinant = g.0 * g.2 - g.1 * g.1
    guard amplitude > 0, g.0 > 0, determinant > 1e-12 * f.0 * f.2 else {
      throw VoxelithError(
        .data, "the standards' spectra do not change shape with x beyond their counting noise",
        advice: "measure the standards longer, or choose standards that lie further apart in x")
    }
    let gradient = (-x / amplitude, 1 / amplitude)
    let p = (
      (g.2 * gradient.0 - g.1 * gradient.1) / determinant, (g.0 * gradient.1 - g.1 * gradient.0) / determinant
    )
    self.x = x
    countingSigma = max(0, p.0 * p.0 * f.0 + 2 * p.0 * p.1 * f.1 + p.1 * p.1 * f.2).squareRoot()
    pulls = range.map { bin in
      amplitude * (p.0 * basis.constant[bin] + p.1 * basis.slope[bin]) / mus[bin - range.lowerBound]
    }
  }

  /// Covariance of two x by the errors of the basis that both share: by its counts, and by the standards' own x.
  func sharedCovariance(
    with other: ProfileInformation, basis: ProfileBasis
  ) -> (counts: Double, standards: Double) {
    var sum = 0.0
    for (index, bin) in basis.fitRange.enumerated() {
      let form =
        basis.constantVariance[bin] + (x + other.x) * basis.crossCovariance[bin]
        + x * other.x * basis.slopeVariance[bin]
      sum += pulls[index] * other.pulls[index] * form
    }
    let m = basis.standardsCovariance
    return (sum, m[0][0] + (x + other.x) * m[0][1] + x * other.x * m[1][1])
  }
}
