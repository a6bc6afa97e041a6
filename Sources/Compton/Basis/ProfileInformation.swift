import Volumetry

/// What a spectrum tells of x by the profile fit, from the basis alone: the Fisher information of the two amplitudes,
/// freed of what noise in the basis adds to it, and the pull of every bin on x.
///
/// With mu = s (B0 + x B1) + g, D = (B0, B1), E what ``ProfileWeights`` weights bins by, K = sum C / mu,
/// A = sum E D^T / mu - (own share) K and B = sum E E^T / mu the fit's covariance of the amplitudes is A^-1 B A^-T, and an
/// error dD of the basis changes x by - sum_b h_b (dB0 + x dB1).
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
    let weights = basis.weights?.spectra ?? [basis.constant, basis.slope]
    let share = basis.weights?.ownShare ?? 1
    // 00, 01, 10, 11.
    var m = SIMD4<Double>.zero
    var b = (0.0, 0.0, 0.0)
    var mus = [Double](repeating: .infinity, count: range.count)
    for bin in range {
      let mu = amplitude * (basis.constant[bin] + x * basis.slope[bin]) + background[bin]
      guard mu > 0 else { continue }
      mus[bin - range.lowerBound] = mu
      let (d0, d1) = (basis.constant[bin], basis.slope[bin])
      let (e0, e1) = (weights[0][bin], weights[1][bin])
      b = (b.0 + e0 * e0 / mu, b.1 + e0 * e1 / mu, b.2 + e1 * e1 / mu)
      let own = SIMD4(
        basis.constantVariance[bin], basis.crossCovariance[bin], basis.crossCovariance[bin],
        basis.slopeVariance[bin])
      m += (SIMD4(e0 * d0, e0 * d1, e1 * d0, e1 * d1) - share * own) / mu
    }
    let determinant = m[0] * m[3] - m[1] * m[2]
    guard amplitude > 0, m[0] > 0, determinant > 1e-12 * b.0 * b.2 else {
      throw VoxelithError(
        .data, "the standards' spectra do not change shape with x beyond their counting noise",
        advice: "measure the standards longer, or choose standards that lie further apart in x")
    }
    let gradient = (-x / amplitude, 1 / amplitude)
    let p = (
      (m[3] * gradient.0 - m[2] * gradient.1) / determinant,
      (m[0] * gradient.1 - m[1] * gradient.0) / determinant
    )
    self.x = x
    countingSigma = max(0, p.0 * p.0 * b.0 + 2 * p.0 * p.1 * b.1 + p.1 * p.1 * b.2).squareRoot()
    pulls = range.map { bin in
      amplitude * (p.0 * weights[0][bin] + p.1 * weights[1][bin]) / mus[bin - range.lowerBound]
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
    return (sum, StandardsCovariance.value(basis.standardsCovariance, x, other.x))
  }
}
