import CComptonKernels

/// The two spectra and the known counts of one voxel, as the fit needs them: expected counts, cut to the bins of the
/// fit and packed in groups of eight.
///
/// `second` is the slope with its projection on `first` taken out (weights 1 / first), so that the two amplitudes
/// hardly correlate and single precision suffices: slope = second + mixing * first.
struct PreparedSpectra: Sendable {
  /// What there is of a voxel, in the order of the kernels.
  enum Row: Int, CaseIterable {
    case first, second
    /// Background and known components. Padding holds 1, as the counts do there.
    case offset
    /// What the score weights bins by: `first` and `second`, or smoother ones.
    case firstWeight, secondWeight
    case offsetVariance
    /// Variances of `first`, of `second` and their covariance, per bin: what a sum over bins sees.
    case firstVariance, crossCovariance, secondVariance
    /// The part of these variances that a bin shares with its weight: below 1 where spectra were interpolated or
    /// weights smoothed.
    case keptVariance
  }

  /// Number of bins that count; the rest of the last group is padding.
  var bins: Int
  /// Groups of eight bins in a row.
  let groups: Int
  /// All rows, one after another: the passes over a voxel run through one piece of memory.
  private(set) var values: [SIMD8<Float>]
  var mixing = 0.0
  /// Sum of `first`.
  var firstSum = 0.0
  /// Sum of `offset` without padding.
  var offsetTotal = 0.0
  /// What multiplies the background's own error; nil for 1 minus the fitted amplitude.
  var backgroundShare: Double?
  /// Spectra whose amounts are uncertain by one standard deviation each: what the known counts would change by.
  var uncertain: [[SIMD8<Float>]] = []

  /// Rows of zeros.
  init(bins: Int, groups: Int) {
    self.bins = bins
    self.groups = groups
    values = [SIMD8<Float>](repeating: .zero, count: vck_rows * groups)
  }

  @inline(__always)
  subscript(row: Row, group: Int) -> SIMD8<Float> {
    get { values[row.rawValue * groups + group] }
    set { values[row.rawValue * groups + group] = newValue }
  }

  /// One row.
  subscript(row: Row) -> [SIMD8<Float>] {
    get { Array(values[range(row)]) }
    set { for group in 0..<groups { self[row, group] = newValue[group] } }
  }

  /// Where a row lies among all.
  func range(_ row: Row) -> Range<Int> { (row.rawValue * groups)..<((row.rawValue + 1) * groups) }

  static func pack(_ values: [Double], padding: Float) -> [SIMD8<Float>] {
    let groups = (values.count + 7) / 8
    var result = [SIMD8<Float>](repeating: SIMD8(repeating: padding), count: groups)
    for (index, value) in values.enumerated() { result[index >> 3][index & 7] = Float(value) }
    return result
  }
}
