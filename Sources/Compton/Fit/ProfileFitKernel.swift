/// The two-amplitude Poisson fit of one voxel: mu = v0 first + v1 second + offset.
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
  ///
  /// Sums run in eight lanes of single precision over at most 32 groups and are then added in double precision.
  @inline(__always)
  static func sums(
    _ counts: Span<SIMD8<Float>>, _ spectra: borrowing PreparedSpectra, v0: Float, v1: Float
  ) -> Sums {
    let first = spectra.first.span
    let second = spectra.second.span
    let offset = spectra.offset.span
    let weight0 = spectra.firstWeight.span
    let weight1 = spectra.secondWeight.span
    var total = Sums()
    var lowest = SIMD8<Float>(repeating: .greatestFiniteMagnitude)
    let floor = SIMD8<Float>(repeating: 1e-12)
    var start = 0
    while start < counts.count {
      let end = min(start + 32, counts.count)
      var a00 = SIMD8<Float>.zero
      var a01 = SIMD8<Float>.zero
      var a10 = SIMD8<Float>.zero
      var a11 = SIMD8<Float>.zero
      var g0 = SIMD8<Float>.zero
      var g1 = SIMD8<Float>.zero
      for index in start..<end {
        let d0 = first[index]
        let d1 = second[index]
        let raw = offset[index] + v0 * d0 + v1 * d1
        lowest = smaller(lowest, raw)
        let mu = larger(raw, floor)
        let inverse = 1 / mu
        let residual = counts[index] - mu
        let w0 = weight0[index] * inverse
        let w1 = weight1[index] * inverse
        a00 += w0 * d0
        a01 += w0 * d1
        a10 += w1 * d0
        a11 += w1 * d1
        g0 += w0 * residual
        g1 += w1 * residual
      }
      total.a00 += Double(a00.sum())
      total.a01 += Double(a01.sum())
      total.a10 += Double(a10.sum())
      total.a11 += Double(a11.sum())
      total.g0 += Double(g0.sum())
      total.g1 += Double(g1.sum())
      start = end
    }
    total.lowest = lowest.min()
    return total
  }

  /// Deviance 2 sum (y ln(y/mu) - y + mu).
  static func deviance(
    _ counts: Span<SIMD8<Float>>, _ first: Span<SIMD8<Float>>, _ second: Span<SIMD8<Float>>,
    _ offset: Span<SIMD8<Float>>, v0: Float, v1: Float
  ) -> Double {
    var total = 0.0
    for index in counts.indices {
      let mu = larger(
        offset[index] + v0 * first[index] + v1 * second[index], SIMD8<Float>(repeating: 1e-12))
      let terms = mu * PoissonDeviance.unit(counts[index] / mu)
      total += Double(terms.sum())
    }
    return 2 * total
  }

  /// Mean of the deviance over the bins that count, without the loss by the fitted parameters.
  static func expectedDeviance(
    _ first: Span<SIMD8<Float>>, _ second: Span<SIMD8<Float>>, _ offset: Span<SIMD8<Float>>, v0: Float,
    v1: Float, bins: Int
  ) -> Double {
    var total: Float = 0
    var remaining = bins
    for index in first.indices {
      let mu = offset[index] + v0 * first[index] + v1 * second[index]
      let lanes = min(8, remaining)
      if lanes == 8 && all(mu .> 30) {
        let inverse = 1 / mu
        total += (1 + inverse * (1.0 / 6 + inverse / 6)).sum()
      } else {
        for lane in 0..<lanes { total += ExpectedDeviance.value(max(mu[lane], 0)) }
      }
      remaining -= lanes
    }
    return Double(total)
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
    let first = spectra.first.span
    let second = spectra.second.span
    let offset = spectra.offset.span
    let background = spectra.offsetVariance.span
    let kept = spectra.keptVariance.span
    let c00 = spectra.firstVariance.span
    let c01 = spectra.crossCovariance.span
    let c11 = spectra.secondVariance.span
    let weight0 = spectra.firstWeight.span
    let weight1 = spectra.secondWeight.span
    var b00 = SIMD8<Float>.zero
    var b01 = SIMD8<Float>.zero
    var b11 = SIMD8<Float>.zero
    var s00 = SIMD8<Float>.zero
    var s01 = SIMD8<Float>.zero
    var s11 = SIMD8<Float>.zero
    var k00 = SIMD8<Float>.zero
    var k01 = SIMD8<Float>.zero
    var k11 = SIMD8<Float>.zero
    let share = backgroundShare * backgroundShare
    for index in first.indices {
      let d0 = first[index]
      let d1 = second[index]
      let inverse = 1 / larger(offset[index] + v0 * d0 + v1 * d1, SIMD8<Float>(repeating: 1e-12))
      var q = v0 * v0 * c00[index]
      q += 2 * v0 * v1 * c01[index]
      q += v1 * v1 * c11[index]
      q += share * background[index]
      let e0 = weight0[index]
      let e1 = weight1[index]
      let w00 = e0 * e0 * inverse
      let w01 = e0 * e1 * inverse
      let w11 = e1 * e1 * inverse
      b00 += w00
      b01 += w01
      b11 += w11
      let excess = q * inverse
      s00 += w00 * excess
      s01 += w01 * excess
      s11 += w11 * excess
      let single = kept[index] * inverse
      k00 += c00[index] * single
      k01 += c01[index] * single
      k11 += c11[index] * single
    }
    return BasisNoise(
      counting: (Double(b00.sum()), Double(b01.sum()), Double(b11.sum())),
      spread: (Double(s00.sum()), Double(s01.sum()), Double(s11.sum())),
      inflation: (Double(k00.sum()), Double(k01.sum()), Double(k11.sum())))
  }

  /// What the score would change by if the known counts changed by `spectrum`: sum_b E_b S_b / mu_b.
  static func pull(
    of spectrum: Span<SIMD8<Float>>, _ spectra: borrowing PreparedSpectra, v0: Float, v1: Float
  ) -> (Double, Double) {
    let first = spectra.first.span
    let second = spectra.second.span
    let offset = spectra.offset.span
    let weight0 = spectra.firstWeight.span
    let weight1 = spectra.secondWeight.span
    var s0 = SIMD8<Float>.zero
    var s1 = SIMD8<Float>.zero
    for index in first.indices {
      let d0 = first[index]
      let d1 = second[index]
      let mu = larger(offset[index] + v0 * d0 + v1 * d1, SIMD8<Float>(repeating: 1e-12))
      let weight = spectrum[index] / mu
      s0 += weight0[index] * weight
      s1 += weight1[index] * weight
    }
    return (Double(s0.sum()), Double(s1.sum()))
  }
}

/// r ln r - r + 1 for eight ratios r = y / mu.
enum PoissonDeviance {
  @inline(__always)
  static func unit(_ ratio: SIMD8<Float>) -> SIMD8<Float> {
    let d = ratio - 1
    let far = (d .> 0.2) .| (d .< -0.2)
    let d2 = d * d
    var series = SIMD8<Float>(repeating: 1.0 / 72)
    series = 1.0 / 56 - d * series
    series = 1.0 / 42 - d * series
    series = 1.0 / 30 - d * series
    series = 1.0 / 20 - d * series
    series = 1.0 / 12 - d * series
    series = 1.0 / 6 - d * series
    series = 0.5 - d * series
    var result = d2 * series
    if far != SIMDMask(repeating: false) {
      let safe = larger(ratio, SIMD8<Float>(repeating: 1e-30))
      let exact = safe * logarithm(safe) - d
      result.replace(with: exact, where: far)
    }
    return result
  }

  /// ln of eight positive normal numbers, to 2 units in the last place (polynomial of Cephes `logf`).
  @inline(__always)
  static func logarithm(_ value: SIMD8<Float>) -> SIMD8<Float> {
    let bits = unsafe unsafeBitCast(value, to: SIMD8<UInt32>.self)
    let biased = ((bits &>> 23) & 0xFF) | 0x4B00_0000
    var exponent = unsafe unsafeBitCast(biased, to: SIMD8<Float>.self) - 8_388_734
    let mantissaBits = (bits & 0x007F_FFFF) | 0x3F00_0000
    var mantissa = unsafe unsafeBitCast(mantissaBits, to: SIMD8<Float>.self)
    let small = mantissa .< 0.707106781
    exponent.replace(with: exponent - 1, where: small)
    mantissa.replace(with: mantissa + mantissa, where: small)
    let x = mantissa - 1
    let z = x * x
    var p = SIMD8<Float>(repeating: 7.0376836292e-2)
    p = p * x - 1.1514610310e-1
    p = p * x + 1.1676998740e-1
    p = p * x - 1.2420140846e-1
    p = p * x + 1.4249322787e-1
    p = p * x - 1.6668057665e-1
    p = p * x + 2.0000714765e-1
    p = p * x - 2.4999993993e-1
    p = p * x + 3.3333331174e-1
    var y = p * x * z
    y = y + exponent * -2.12194440e-4
    y = y - 0.5 * z
    return x + y + exponent * 0.693359375
  }
}
