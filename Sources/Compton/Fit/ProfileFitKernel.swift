import CComptonKernels

/// The passes over the bins of one voxel: mu = v0 first + v1 second + offset.
///
/// Scoring: v += A^-1 sum_b E_b (y_b - mu_b) / mu_b with A = sum_b E_b D_b^T / mu_b. Where the weights E are the spectra D
/// this is Newton's method with the expected Hessian and converges to the maximum of the likelihood; see
/// ``ProfileWeights`` for other ones.
struct ProfileFitKernel {
  /// Sums of one pass over the bins.
  struct Sums {
    var a00 = 0.0
    var a01 = 0.0
    var a10 = 0.0
    var a11 = 0.0
    var g0 = 0.0
    var g1 = 0.0
    /// The smallest expectation of a bin.
    var lowest: Float = 0
  }

  /// Sensitivity matrix A and score at the amplitudes `v0`, `v1`.
  static func sums(
    _ counts: Span<SIMD8<Float>>, _ spectra: borrowing PreparedSpectra, v0: Float, v1: Float
  ) -> Sums {
    var sums = vck_sums()
    unsafe spectra.withRows(beside: counts) { rows, counts, groups in
      unsafe vck_sum(rows, counts, groups, v0, v1, &sums)
    }
    return Sums(
      a00: sums.a00, a01: sums.a01, a10: sums.a10, a11: sums.a11, g0: sums.g0, g1: sums.g1,
      lowest: sums.lowest)
  }

  /// Deviance 2 sum (y ln(y/mu) - y + mu), and its mean over the bins that count, without the loss by the fitted
  /// parameters.
  static func deviance(
    _ counts: Span<SIMD8<Float>>, _ spectra: borrowing PreparedSpectra, v0: Float, v1: Float
  ) -> (value: Double, expected: Double) {
    var half = 0.0
    var expected: Float = 0
    let bins = spectra.bins
    let isExpected = unsafe spectra.withRows(beside: counts) { rows, counts, groups in
      unsafe vck_deviance(rows, counts, groups, bins, v0, v1, &half, &expected)
    }
    if isExpected == 0 { expected = expectedDeviance(spectra, v0: v0, v1: v1) }
    return (2 * half, Double(expected))
  }

  /// The mean of the deviance where bins expect few counts.
  private static func expectedDeviance(
    _ spectra: borrowing PreparedSpectra, v0: Float, v1: Float
  ) -> Float {
    var total: Float = 0
    var remaining = spectra.bins
    for group in 0..<spectra.groups {
      let mu = spectra[.offset, group] + v0 * spectra[.first, group] + v1 * spectra[.second, group]
      let lanes = min(8, remaining)
      if lanes == 8 && all(mu .> 30) {
        let inverse = 1 / mu
        total += (1 + inverse * (1.0 / 6 + inverse / 6)).sum()
      } else {
        for lane in 0..<lanes { total += ExpectedDeviance.value(max(mu[lane], 0)) }
      }
      remaining -= lanes
    }
    return total
  }

  /// What the errors of the spectra do to the score: symmetric 2 x 2 matrices as [00, 01, 11].
  struct BasisNoise {
    /// Variance of the score by counting: sum_b E_b E_b^T / mu_b.
    var counting = (0.0, 0.0, 0.0)
    /// Its variance by the errors of the spectra: sum_b E_b E_b^T q_b / mu_b^2 with
    /// q_b = v^T C_b v + (1 - a)^2 var(offset_b).
    var spread = (0.0, 0.0, 0.0)
    /// By how much noise in the spectra inflates the sensitivity: sum_b C_b / mu_b of what bins share with their weights.
    var inflation = (0.0, 0.0, 0.0)
  }

  static func basisNoise(
    _ spectra: borrowing PreparedSpectra, v0: Float, v1: Float, backgroundShare: Float
  ) -> BasisNoise {
    var noise = vck_noise()
    let none = spectra.values.span
    unsafe spectra.withRows(beside: none) { rows, _, groups in
      unsafe vck_basis_noise(rows, groups, v0, v1, backgroundShare, &noise)
    }
    return BasisNoise(counting: noise.counting, spread: noise.spread, inflation: noise.inflation)
  }

  /// What the score would change by if the known counts changed by `spectrum`: sum_b E_b S_b / mu_b.
  static func pull(
    of spectrum: Span<SIMD8<Float>>, _ spectra: borrowing PreparedSpectra, v0: Float, v1: Float
  ) -> (Double, Double) {
    var s0 = SIMD8<Float>.zero
    var s1 = SIMD8<Float>.zero
    for group in 0..<spectra.groups {
      let d0 = spectra[.first, group]
      let d1 = spectra[.second, group]
      let mu = larger(spectra[.offset, group] + v0 * d0 + v1 * d1, SIMD8<Float>(repeating: 1e-12))
      let weight = spectrum[group] / mu
      s0 += spectra[.firstWeight, group] * weight
      s1 += spectra[.secondWeight, group] * weight
    }
    return (Double(s0.sum()), Double(s1.sum()))
  }
}

extension PreparedSpectra {
  /// Lends the rows, and counts that are packed like one of them, to a kernel.
  @inline(__always)
  fileprivate func withRows<Answer>(
    beside counts: Span<SIMD8<Float>>,
    _ body: (UnsafePointer<Float>?, UnsafePointer<Float>?, Int) -> Answer
  ) -> Answer {
    precondition(counts.count >= groups && values.count == vck_rows * groups && groups > 0)
    return unsafe values.withUnsafeBufferPointer { rows in
      unsafe counts.withUnsafeBufferPointer { counts in
        let floats = unsafe UnsafeRawPointer(rows.baseAddress)?.assumingMemoryBound(to: Float.self)
        let numbers = unsafe UnsafeRawPointer(counts.baseAddress)?.assumingMemoryBound(to: Float.self)
        return unsafe body(floats, numbers, groups)
      }
    }
  }
}
