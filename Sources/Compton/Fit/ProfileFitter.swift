import Volumetry

/// Fits the amplitudes of the active material's two spectra to one voxel after another.
struct ProfileFitter: Sendable {
  /// Range of x that the standards cover.
  let range: ClosedRange<Double>
  /// Counts in the fit's window below which no fit is tried.
  let minimumCounts: Double
  /// x counts as outside the range from this many sigma on.
  let rangeSigmas: Double
  /// Spread of x by the standards' errors of x, see `ProfileBasis.standardsCovariance`.
  let standardsCovariance: [[Double]]

  private static let largestIterations = 40
  /// Amplitude of the active material over its standard deviation below which a voxel counts as empty.
  static let leastSignificance = 5.0

  /// Squared length of a step, in standard deviations, below which the fit has converged. Steps begin at amplitudes of
  /// single precision, whose rounding at many counts is itself such a step.
  static func tolerance(total: Double) -> Double { 1e-6 + 1e-13 * total }

  /// The maximum-likelihood fit.
  ///
  /// - Parameters:
  ///   - counts: packed like the spectra, with 1 in the padding.
  ///   - total: sum of the counts without padding.
  ///   - spectra: the voxel's.
  func fit(
    _ counts: Span<SIMD8<Float>>, total: Double, spectra: borrowing PreparedSpectra
  ) -> VoxelFit {
    let known = spectra.offsetTotal
    guard total > 0, total > known - 5 * max(0, known).squareRoot() else {
      return VoxelFit(status: .empty)
    }
    guard total >= minimumCounts else { return VoxelFit(status: .tooFewCounts) }
    let mixing = spectra.mixing
    let middle = 0.5 * (range.lowerBound + range.upperBound)
    let sumFirst = spectra.firstSum
    var v0 = max(total - known, 1e-3 * total) / sumFirst
    var v1 = middle * v0 / (1 + mixing * middle)
    var previous: (Double, Double)?
    var result = VoxelFit()
    var sums = ProfileFitKernel.Sums()
    let tolerance = Self.tolerance(total: total)
    for iteration in 1...Self.largestIterations {
      result.iterations = iteration
      v0 = Double(Float(v0))
      v1 = Double(Float(v1))
      sums = ProfileFitKernel.sums(counts, spectra, v0: Float(v0), v1: Float(v1))
      if !(sums.lowest > 0) {
        guard let start = previous else {
          v1 *= 0.5
          continue
        }
        v0 = 0.5 * (v0 + start.0)
        v1 = 0.5 * (v1 + start.1)
        continue
      }
      previous = (v0, v1)
      let determinant = sums.a00 * sums.a11 - sums.a01 * sums.a10
      guard sums.a00 > 0, determinant > 1e-9 * sums.a00 * sums.a11 else {
        return VoxelFit(status: .notConverged)
      }
      let step0 = (sums.a11 * sums.g0 - sums.a01 * sums.g1) / determinant
      let step1 = (sums.a00 * sums.g1 - sums.a10 * sums.g0) / determinant
      v0 += step0
      v1 += step1
      let size =
        step0 * step0 * sums.a00 + step0 * step1 * (sums.a01 + sums.a10) + step1 * step1 * sums.a11
      if size < tolerance {
        return finish(result, sums: sums, v0: v0, v1: v1, counts: counts, spectra: spectra)
      }
    }
    return VoxelFit(status: .notConverged)
  }

  /// From amplitudes to x, its error, the deviance and the status.
  ///
  /// Noise in the spectra inflates the sensitivity A by K = sum_b C_b / mu_b and so draws v towards less contrast;
  /// the corrected amplitudes are v + (A - K)^-1 K v (Fuller, Measurement Error Models (1987), section 2.2), and their
  /// covariance is (A - K)^-1 B (A - K)^-T with the variance B of the score.
  private func finish(
    _ start: VoxelFit, sums: ProfileFitKernel.Sums, v0 fitted0: Double, v1 fitted1: Double,
    counts: Span<SIMD8<Float>>, spectra: borrowing PreparedSpectra
  ) -> VoxelFit {
    var result = start
    let mixing = spectra.mixing
    let noise = ProfileFitKernel.basisNoise(
      spectra, v0: Float(fitted0), v1: Float(fitted1),
      backgroundShare: Float(spectra.backgroundShare ?? 1 - (fitted0 - mixing * fitted1)))
    guard let sensitivity = CorrectedSensitivity(sums, inflation: noise.inflation) else {
      return VoxelFit(status: .notConverged)
    }
    let pull = (
      noise.inflation.0 * fitted0 + noise.inflation.1 * fitted1,
      noise.inflation.1 * fitted0 + noise.inflation.2 * fitted1
    )
    let correction = sensitivity.solve(pull)
    let v0 = fitted0 + correction.0
    let v1 = fitted1 + correction.1
    let amplitude = v0 - mixing * v1
    // Counts of the active material that noise could explain say nothing of its lithium.
    guard amplitude > 0, sensitivity.a11 > 0,
      v0 > Self.leastSignificance * (sensitivity.a11 / sensitivity.determinant).squareRoot()
    else {
      return VoxelFit(status: .empty)
    }
    let x = v1 / amplitude
    let projected = sensitivity.projection(
      of: gradientOfLithium(x: x, amplitude: amplitude, mixing: mixing))
    let counting = CorrectedSensitivity.variance(projected, noise.counting)
    let shared =
      CorrectedSensitivity.variance(projected, noise.spread)
      + StandardsCovariance.value(standardsCovariance, x, x)
    result.x = x
    result.amplitude = amplitude
    result.sharedSigma = max(0, shared).squareRoot()
    var fractions = 0.0
    let size = spectra.backgroundShare == nil ? amplitude : 1
    for component in spectra.uncertain {
      let pull = ProfileFitKernel.pull(
        of: component.span, spectra, v0: Float(fitted0), v1: Float(fitted1))
      let change = (projected.0 * pull.0 + projected.1 * pull.1) * size
      fractions += change * change
      result.fractionPulls.append(Float(change))
    }
    result.fractionSigma = fractions.squareRoot()
    result.sigma = (max(0, counting) + max(0, shared) + fractions).squareRoot()
    let deviance = ProfileFitKernel.deviance(counts, spectra, v0: Float(fitted0), v1: Float(fitted1))
    result.deviance = deviance.value
    result.expectedDeviance = deviance.expected - 2
    let slack = rangeSigmas * result.sigma
    if x < range.lowerBound - slack || x > range.upperBound + slack { result.status = .outsideRange }
    return result
  }
}
