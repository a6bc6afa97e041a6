/// Spectra of a basis as one voxel's fit needs them: expected counts for its live time, cut to the bins of the fit
/// and packed in groups of eight.
///
/// `second` is the slope with its projection on `first` taken out (weights 1 / first), so that the two amplitudes
/// hardly correlate and single precision suffices: slope = second + mixing * first.
struct PreparedSpectra: Sendable {
  /// Number of bins that count; the rest of the last group is padding.
  let bins: Int
  var first: [SIMD8<Float>]
  var second: [SIMD8<Float>]
  /// Known counts: background and tied components. Padding holds 1, as the counts do there.
  var offset: [SIMD8<Float>]
  let mixing: Double
  /// Sum of `first`.
  let firstSum: Double
  /// Variances of `first`, of `second` and their covariance, per bin.
  let firstVariance: [SIMD8<Float>]
  let crossCovariance: [SIMD8<Float>]
  let secondVariance: [SIMD8<Float>]
  /// Variance of the background per bin.
  let offsetVariance: [SIMD8<Float>]

  /// Packs spectra given per bin of the fit.
  init(
    constant: [Double], slope: [Double], offset: [Double], constantVariance: [Double],
    crossCovariance cross: [Double], slopeVariance: [Double], offsetVariance: [Double]
  ) {
    bins = constant.count
    var own = 0.0
    var overlap = 0.0
    for bin in constant.indices where constant[bin] > 0 {
      own += constant[bin]
      overlap += slope[bin]
    }
    let mixing = own > 0 ? overlap / own : 0
    self.mixing = mixing
    firstSum = constant.reduce(0, +)
    first = Self.pack(constant, padding: 0)
    second = Self.pack(zip(constant, slope).map { $1 - mixing * $0 }, padding: 0)
    self.offset = Self.pack(offset, padding: 1)
    firstVariance = Self.pack(constantVariance, padding: 0)
    crossCovariance = Self.pack(zip(constantVariance, cross).map { $1 - mixing * $0 }, padding: 0)
    secondVariance = Self.pack(
      constant.indices.map {
        slopeVariance[$0] - 2 * mixing * cross[$0] + mixing * mixing * constantVariance[$0]
      }, padding: 0)
    self.offsetVariance = Self.pack(offsetVariance, padding: 0)
  }

  static func pack(_ values: [Double], padding: Float) -> [SIMD8<Float>] {
    let groups = (values.count + 7) / 8
    var result = [SIMD8<Float>](repeating: SIMD8(repeating: padding), count: groups)
    for (index, value) in values.enumerated() { result[index >> 3][index & 7] = Float(value) }
    return result
  }
}
