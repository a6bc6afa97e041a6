import Volumetry

/// Two numbers of a spectrum that are linear in its counts: the amplitude of the active material, and amplitude times x less a middle.
///
/// With the spectra D = (B0 + middle B1, B1) of the basis, the weights E of the fit and the model m = E_0 of a spectrum at the middle they
/// are M^-1 sum_b E_b (y_b - G_b) / m_b with M = sum_b E_b D_b^T / m_b - (own share) K and K = sum_b C_b / m_b (see ``ProfileWeights``): one
/// step of the profile fit from the middle of the calibrated range. As sums over counts they have no bias at any number of counts, zero
/// included, and sums along rays stay sums; a fit's maximum of the likelihood has neither.
struct AmplitudeReduction: Sendable {
  /// What counts are multiplied by: for the first number and for the second.
  let first: [SIMD8<Float>]
  let second: [SIMD8<Float>]
  /// What the background adds to both.
  let offset: SIMD2<Double>
  /// Covariance of both, as [00, 01, 11], for each unit of the first number, and by the background.
  let perFirst: SIMD3<Double>
  let constant: SIMD3<Double>
  /// First number of one count.
  let oneCount: Double

  /// - Parameters:
  ///   - mixing: what of the second number is added to the amplitude to make the first; nil for what frees their errors of each other.
  ///   - transmission: for each group of bins, what absorption leaves on the way of the ray; nil for all.
  /// - Returns: nil where the spectra cannot be told apart.
  init?(
    _ pixel: PixelSpectra, middle: Double, mixing: Double? = nil, transmission: [SIMD8<Float>]? = nil
  ) {
    let x = Float(middle)
    let share = pixel.keptVariance
    var m = SIMD4<Double>.zero
    let groups = pixel.constant.count
    var models = [SIMD8<Float>](repeating: .zero, count: groups)
    var starts = models
    var slopes = models
    for group in 0..<groups {
      let through = transmission?[group] ?? SIMD8(repeating: 1)
      let e1 = pixel.weights[1][group] * through
      let e0 = pixel.weights[0][group] * through + x * e1
      let d1 = pixel.slope[group] * through
      let d0 = pixel.constant[group] * through + x * d1
      // Bins that hold nothing of the material have no weight.
      var model = e0
      model.replace(with: 1, where: .!(e0 .> 0))
      var w0 = e0 / model
      w0.replace(with: 0, where: .!(e0 .> 0))
      var w1 = e1 / model
      w1.replace(with: 0, where: .!(e0 .> 0))
      models[group] = model
      starts[group] = w0
      slopes[group] = w1
      let square = through * through
      let c11 = pixel.slopeVariance[group] * square
      let c01 = pixel.crossCovariance[group] * square + x * c11
      let c00 =
        (pixel.constantVariance[group] + x * pixel.crossCovariance[group]) * square + x * c01
      let kept = share[group] / model
      m += SIMD4(
        Double((w0 * d0 - kept * c00).sum()), Double((w0 * d1 - kept * c01).sum()),
        Double((w1 * d0 - kept * c01).sum()), Double((w1 * d1 - kept * c11).sum()))
    }
    let determinant = m[0] * m[3] - m[1] * m[2]
    guard m[0] > 0, m[3] > 0, determinant > 1e-9 * m[0] * m[3] else { return nil }
    func row(_ a: Double, _ b: Double) -> [SIMD8<Float>] {
      (0..<groups).map { Float(a / determinant) * starts[$0] + Float(b / determinant) * slopes[$0] }
    }
    func covariance(
      _ p: [SIMD8<Float>], _ q: [SIMD8<Float>], of spectrum: (Int) -> SIMD8<Float>
    ) -> Double {
      (0..<groups).reduce(0.0) { $0 + Double((p[$1] * q[$1] * spectrum($1)).sum()) }
    }
    var known = [SIMD8<Float>](repeating: .zero, count: groups)
    for bin in 0..<pixel.bins { known[bin >> 3][bin & 7] = pixel.background[bin >> 3][bin & 7] }
    func expected(_ group: Int) -> SIMD8<Float> {
      let through = transmission?[group] ?? SIMD8(repeating: 1)
      return through * (pixel.constant[group] + x * pixel.slope[group])
    }
    let amplitude = row(m[3], -m[1])
    second = row(-m[2], m[0])
    let own = second
    let mixed =
      mixing ?? -covariance(amplitude, own, of: expected) / max(covariance(own, own, of: expected), 1e-300)
    first = (0..<groups).map { amplitude[$0] + Float(mixed) * own[$0] }
    self.mixing = mixed
    let total = first
    perFirst = SIMD3(
      covariance(total, total, of: expected), covariance(total, own, of: expected),
      covariance(own, own, of: expected))
    constant = SIMD3(
      covariance(total, total) { known[$0] }, covariance(total, own) { known[$0] },
      covariance(own, own) { known[$0] })
    offset = SIMD2(
      (0..<groups).reduce(0.0) { $0 + Double((total[$1] * known[$1]).sum()) },
      (0..<groups).reduce(0.0) { $0 + Double((own[$1] * known[$1]).sum()) })
    let counts = (0..<groups).reduce(0.0) { $0 + Double(expected($1).sum()) }
    oneCount = counts > 0 ? 1 / counts : 1
    countsPerUnit = counts
  }

  /// What of the second number the first holds beside the amplitude.
  let mixing: Double
  /// Counts in the window at an amplitude of 1 and the middle.
  let countsPerUnit: Double

  /// Both numbers of the counts of the window's bins from `start` on.
  func numbers(_ counts: Span<Float>, at start: Int, bins: Int) -> SIMD2<Double> {
    var sums = -offset
    for bin in 0..<bins {
      let count = Double(counts[start + bin])
      sums += SIMD2(Double(first[bin >> 3][bin & 7]), Double(second[bin >> 3][bin & 7])) * count
    }
    return sums
  }
}
