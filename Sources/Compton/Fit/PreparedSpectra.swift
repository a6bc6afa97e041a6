/// The two spectra and the known counts of one voxel, as the fit needs them: expected counts, cut to the bins of the
/// fit and packed in groups of eight.
///
/// `second` is the slope with its projection on `first` taken out (weights 1 / first), so that the two amplitudes
/// hardly correlate and single precision suffices: slope = second + mixing * first.
struct PreparedSpectra: Sendable {
  /// Number of bins that count; the rest of the last group is padding.
  var bins: Int
  var first: [SIMD8<Float>]
  var second: [SIMD8<Float>]
  var mixing = 0.0
  /// Sum of `first`.
  var firstSum = 0.0
  /// Variances of `first`, of `second` and their covariance, per bin: what a sum over bins sees.
  var firstVariance: [SIMD8<Float>]
  var crossCovariance: [SIMD8<Float>]
  var secondVariance: [SIMD8<Float>]
  /// The part of these variances that a bin shares with its weight: below 1 where spectra were interpolated or weights
  /// smoothed.
  var keptVariance: [SIMD8<Float>]
  /// Background and known components. Padding holds 1, as the counts do there.
  var offset: [SIMD8<Float>]
  var offsetVariance: [SIMD8<Float>]
  /// Sum of `offset` without padding.
  var offsetTotal = 0.0
  /// What multiplies the background's own error; nil for 1 minus the fitted amplitude.
  var backgroundShare: Double?
  /// What the score weights bins by: `first` and `second`, or smoother ones.
  var firstWeight: [SIMD8<Float>]
  var secondWeight: [SIMD8<Float>]
  /// Spectra whose amounts are uncertain by one standard deviation each: what the known counts would change by.
  var uncertain: [[SIMD8<Float>]] = []

  static func pack(_ values: [Double], padding: Float) -> [SIMD8<Float>] {
    let groups = (values.count + 7) / 8
    var result = [SIMD8<Float>](repeating: SIMD8(repeating: padding), count: groups)
    for (index, value) in values.enumerated() { result[index >> 3][index & 7] = Float(value) }
    return result
  }
}
