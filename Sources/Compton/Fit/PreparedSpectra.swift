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
  /// Counts of the other components in a filled voxel and their variances; padding holds 0.
  var components: [[SIMD8<Float>]] = []
  var componentVariances: [[SIMD8<Float>]] = []

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

/// Counts of a voxel that are not the active material's, packed like the spectra.
struct KnownCounts: Sendable {
  var counts: [SIMD8<Float>]
  var variances: [SIMD8<Float>]
  /// Sum of the counts without padding.
  var total: Double
  /// What multiplies the background's own error; nil for 1 minus the fitted amplitude.
  var backgroundShare: Double?
  /// Standard deviation of every component's volume fraction.
  var fractionSigma = 0.0

  /// The background alone.
  init(_ spectra: PreparedSpectra, total: Double) {
    counts = spectra.offset
    variances = spectra.offsetVariance
    self.total = total
  }

  /// Adds components by their volume fractions to the background of `spectra`.
  mutating func set(
    _ fractions: Span<Float>, active: Float, spectra: borrowing PreparedSpectra, background: Double,
    componentTotals: [Double]
  ) {
    var sum = active
    for index in fractions.indices { sum += fractions[index] }
    let share = (1 - sum) * (1 - sum)
    for group in counts.indices {
      counts[group] = spectra.offset[group]
      variances[group] = share * spectra.offsetVariance[group]
    }
    total = background
    for (index, component) in spectra.components.enumerated() {
      let fraction = fractions[index]
      for group in counts.indices {
        counts[group] += fraction * component[group]
        variances[group] += fraction * fraction * spectra.componentVariances[index][group]
      }
      total += Double(fraction) * componentTotals[index]
    }
    backgroundShare = 1
  }
}
