import CComptonKernels
import Volumetry

/// How far one sum of pixels is described by what describes all, and by a gain and a width of its own.
struct GroupTest: Sendable {
  /// Chi-squared of what describes all.
  var chiSquared: Double
  /// Bins less free amplitudes, at least one.
  var degreesOfFreedom: Double
  var own: Own?

  /// Gain and width of the sum's own, in the order of ``PixelMisfit/Reference/own``; nil where they cannot be told.
  struct Own: Sendable {
    var values: SIMD2<Double>
    var variances: SIMD2<Double>
    /// Change of x by one of each with the sign turned.
    var pull: SIMD2<Double>
    /// What they take off chi-squared.
    var explained: Double
  }

  /// - Returns: nil where the sum has other bins than the reference, or does not tell its amplitudes.
  init?(_ spectrum: SummedSpectrum, reference: PixelMisfit.Reference, relative: Bool) {
    guard let equations = reference.equations(spectrum, relative: relative) else { return nil }
    chiSquared = equations.chiSquared
    degreesOfFreedom = Self.degreesOfFreedom(spectrum)
    guard let factor = Cholesky(equations.normal) else { return }
    let values = factor.solve(equations.right)
    let covariance = factor.inverse
    var found = Own(
      values: .zero, variances: .zero, pull: .zero,
      explained: zip(values, equations.right).reduce(0.0) { $0 + $1.0 * $1.1 })
    for k in values.indices {
      found.values[k] = values[k]
      found.variances[k] = covariance[k, k]
      found.pull[k] = equations.pull[k]
    }
    own = found
  }

  fileprivate init(chiSquared: Double, degreesOfFreedom: Double, own: Own?) {
    self.chiSquared = chiSquared
    self.degreesOfFreedom = degreesOfFreedom
    self.own = own
  }

  fileprivate static func degreesOfFreedom(_ spectrum: SummedSpectrum) -> Double {
    Double(max(1, spectrum.usedBins - 2 - spectrum.components.count))
  }
}

/// The test of sums that expect the same for each of their voxels, eight of them at a time: the same numbers as by
/// ``GroupEquations``, to the last bit.
///
/// Counts of eight sums are collected bin by bin with ``add(_:to:)`` between ``clear()`` and ``tests(least:)``.
struct GroupModel {
  /// Sums that are tested at once.
  static let lanes = 8

  private var shape: vck_group_model
  private let bins: Range<Int>
  private let degreesOfFreedom: Double
  private let amounts: [Double]
  private let isUsed: [UInt8]
  /// Rows of the kernel, one after another.
  private let rows: [Double]
  private var counts: [Double]
  private var voxels: [Double]
  private var results: [SIMD8<Double>]

  /// - Parameters:
  ///   - unit: what one voxel expects.
  ///   - relative: whether only what differs from the others counts.
  /// - Returns: nil where the kernel has no room for the components, or the bins are not those of the reference.
  init?(_ unit: SummedSpectrum, reference: PixelMisfit.Reference, relative: Bool) {
    let amplitudes = 2 + unit.components.count
    let effects = reference.shapes.count
    guard amplitudes + effects < vck_group_most, effects <= vck_group_most_effects,
      unit.knownAmounts == nil, unit.bins == reference.spectrum.bins,
      unit.firstBin == reference.spectrum.firstBin
    else { return nil }
    bins = unit.firstBin..<(unit.firstBin + unit.bins)
    let zeros = [Double](repeating: 0, count: unit.bins)
    let shared =
      relative
      ? reference.spectrum.counts.map { max(0, $0) }
      : zeros.indices.map { unit.varianceOfOthers(reference.amounts, $0) }
    var rows: [Double] = []
    rows.reserveCapacity((vck_group_columns + amplitudes + effects) * unit.bins)
    rows += unit.offset
    rows += reference.second(relative: relative)
    rows += shared
    rows += unit.constantVariance
    rows += unit.crossCovariance
    rows += unit.slopeVariance
    rows += unit.constant
    rows += unit.slope
    for component in unit.components { rows += component }
    for shape in reference.shapes { rows += shape }
    self.rows = rows
    var isUsed = [UInt8](repeating: 1, count: unit.bins)
    for bin in unit.leftOut { isUsed[bin] = 0 }
    self.isUsed = isUsed
    amounts = reference.amounts
    shape = vck_group_model(
      bins: unit.bins, amplitudes: Int32(amplitudes), effects: Int32(effects), is_relative: relative ? 1 : 0,
      total: reference.total)
    degreesOfFreedom = GroupTest.degreesOfFreedom(unit)
    counts = [Double](repeating: 0, count: Self.lanes * unit.bins)
    voxels = [Double](repeating: 0, count: Self.lanes)
    results = [SIMD8<Double>](repeating: .zero, count: vck_group_results)
  }

  /// Begins eight new sums.
  mutating func clear() {
    for index in counts.indices { counts[index] = 0 }
    for lane in voxels.indices { voxels[lane] = 0 }
  }

  /// Adds a group to one of the sums.
  mutating func add(_ group: CountSums.Group, to lane: Int) {
    voxels[lane] += Double(group.voxels)
    let own = group.counts.span.extracting(bins)
    var lanes = counts.mutableSpan
    for bin in own.indices { lanes[Self.lanes * bin + lane] += own[bin] }
  }

  /// What is found of the eight sums.
  ///
  /// - Parameter least: counts that a sum must pass; nil is returned for others, and where the amplitudes cannot be told.
  mutating func tests(least: Double) -> [GroupTest?] {
    unsafe results.withUnsafeMutableBytes { target in
      unsafe vck_group_tests(
        &shape, rows, isUsed, amounts, counts, voxels,
        target.baseAddress?.assumingMemoryBound(to: Double.self))
    }
    func result(_ row: Int, _ lane: Int) -> Double { results[row][lane] }
    func effects(_ first: Int, _ lane: Int) -> SIMD2<Double> {
      SIMD2(result(first, lane), result(first + 1, lane))
    }
    return (0..<Self.lanes).map { lane -> GroupTest? in
      guard result(vck_group_total, lane) > least,
        result(vck_group_is_told, lane) != 0
      else { return nil }
      var own: GroupTest.Own?
      if result(vck_group_is_solved, lane) != 0 {
        own = GroupTest.Own(
          values: effects(vck_group_values, lane),
          variances: effects(vck_group_variances, lane),
          pull: effects(vck_group_pulls, lane),
          explained: result(vck_group_explained, lane))
      }
      return GroupTest(
        chiSquared: result(vck_group_chi_squared, lane), degreesOfFreedom: degreesOfFreedom,
        own: own)
    }
  }
}
