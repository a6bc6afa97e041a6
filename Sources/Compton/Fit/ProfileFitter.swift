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

  /// The maximum-likelihood fit.
  ///
  /// - Parameters:
  ///   - counts: packed like the spectra, with 1 in the padding.
  ///   - total: sum of the counts without padding.
  ///   - spectra: the voxel's.
  func fit(
    _ counts: Span<SIMD8<Float>>, total: Double, spectra: borrowing PreparedSpectra
  ) -> VoxelFit {
    let first = spectra.first.span
    let second = spectra.second.span
    let offset = spectra.offset.span
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
    for iteration in 1...Self.largestIterations {
      result.iterations = iteration
      sums = ProfileFitKernel.sums(counts, first, second, offset, v0: Float(v0), v1: Float(v1))
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
      let determinant = sums.f00 * sums.f11 - sums.f01 * sums.f01
      guard determinant > 1e-9 * sums.f00 * sums.f11 else { return VoxelFit(status: .notConverged) }
      let step0 = (sums.f11 * sums.g0 - sums.f01 * sums.g1) / determinant
      let step1 = (sums.f00 * sums.g1 - sums.f01 * sums.g0) / determinant
      v0 += step0
      v1 += step1
      let size = step0 * step0 * sums.f00 + 2 * step0 * step1 * sums.f01 + step1 * step1 * sums.f11
      if size < 1e-6 {
        return finish(result, sums: sums, v0: v0, v1: v1, counts: counts, spectra: spectra)
      }
    }
    return VoxelFit(status: .notConverged)
  }

  /// From amplitudes to x, its error, the deviance and the status.
  ///
  /// Noise in the spectra inflates the information F by K = sum_b C_b / mu_b and so draws v towards less contrast;
  /// the corrected amplitudes are v + (F - K)^-1 K v (Fuller, Measurement Error Models (1987), section 2.2).
  private func finish(
    _ start: VoxelFit, sums: ProfileFitKernel.Sums, v0 fitted0: Double, v1 fitted1: Double,
    counts: Span<SIMD8<Float>>, spectra: borrowing PreparedSpectra
  ) -> VoxelFit {
    var result = start
    let first = spectra.first.span
    let second = spectra.second.span
    let offset = spectra.offset.span
    let mixing = spectra.mixing
    let noise = ProfileFitKernel.basisNoise(
      spectra, v0: Float(fitted0), v1: Float(fitted1),
      backgroundShare: Float(spectra.backgroundShare ?? 1 - (fitted0 - mixing * fitted1)))
    let f = (sums.f00 - noise.inflation.0, sums.f01 - noise.inflation.1, sums.f11 - noise.inflation.2)
    let determinant = f.0 * f.2 - f.1 * f.1
    guard f.0 > 0, determinant > 1e-9 * sums.f00 * sums.f11 else { return VoxelFit(status: .notConverged) }
    let inverse = (f.2 / determinant, -f.1 / determinant, f.0 / determinant)
    let pull = (
      noise.inflation.0 * fitted0 + noise.inflation.1 * fitted1,
      noise.inflation.1 * fitted0 + noise.inflation.2 * fitted1
    )
    let v0 = fitted0 + inverse.0 * pull.0 + inverse.1 * pull.1
    let v1 = fitted1 + inverse.1 * pull.0 + inverse.2 * pull.1
    let amplitude = v0 - mixing * v1
    // Counts of the active material that noise could explain say nothing of its lithium.
    guard amplitude > 0, v0 > Self.leastSignificance * inverse.0.squareRoot() else {
      return VoxelFit(status: .empty)
    }
    let x = v1 / amplitude
    let gradient = (-x / amplitude, (1 + mixing * x) / amplitude)
    let projected = (
      inverse.0 * gradient.0 + inverse.1 * gradient.1, inverse.1 * gradient.0 + inverse.2 * gradient.1
    )
    func form(_ m: (Double, Double, Double)) -> Double {
      projected.0 * projected.0 * m.0 + 2 * projected.0 * projected.1 * m.1 + projected.1 * projected.1 * m.2
    }
    let counting = form((sums.f00, sums.f01, sums.f11))
    let shared =
      form(noise.spread) + standardsCovariance[0][0] + 2 * x * standardsCovariance[0][1]
      + x * x * standardsCovariance[1][1]
    result.x = x
    result.amplitude = amplitude
    result.sharedSigma = max(0, shared).squareRoot()
    var fractions = 0.0
    let size = spectra.backgroundShare == nil ? amplitude : 1
    for component in spectra.uncertain {
      let pull = ProfileFitKernel.pull(
        of: component.span, first: first, second: second, offset: offset, v0: Float(fitted0),
        v1: Float(fitted1))
      let change = (projected.0 * pull.0 + projected.1 * pull.1) * size
      fractions += change * change
      result.fractionPulls.append(Float(change))
    }
    result.fractionSigma = fractions.squareRoot()
    result.sigma = (max(0, counting) + max(0, shared) + fractions).squareRoot()
    result.deviance = ProfileFitKernel.deviance(
      counts, first, second, offset, v0: Float(fitted0), v1: Float(fitted1))
    result.expectedDeviance =
      ProfileFitKernel.expectedDeviance(
        first, second, offset, v0: Float(fitted0), v1: Float(fitted1), bins: spectra.bins) - 2
    let slack = rangeSigmas * result.sigma
    if x < range.lowerBound - slack || x > range.upperBound + slack { result.status = .outsideRange }
    return result
  }
}
