import Foundation
import Volumetry

/// Normalised mutual information from a joint histogram smoothed by cubic B-splines in the moving value
/// (Mattes et al., IEEE Trans. Med. Imaging 22 (2003) 120; Thevenaz and Unser, IEEE Trans. Image
/// Process. 9 (2000) 2083) and split linearly between two bins in the fixed one.
///
/// Each voxel's score is the derivative of `log p(f, m)` times the information minus that of `log p(m)`;
/// the sum of the squares of `d/dm log p(f | m)` stands for the curvature, as in the method of scoring
/// (Berndt, Hall, Hall and Hausman 1974): mutual information is a likelihood whose model is the histogram.
struct MutualInformationMetric: Metric {
  let bins = 32
  /// Ranges of the values that the bins span.
  let fixedRange: ClosedRange<Float>
  let movingRange: ClosedRange<Float>
  var hasNuisances: Bool { false }

  /// Nil where one side is constant.
  init?(fixed: FixedSamples, moving: WorkingImage) {
    guard let f = Self.range(fixed.values), let m = Self.range(moving.voxels) else { return nil }
    fixedRange = f
    movingRange = m
  }

  /// From the 0.2 to the 99.8 % quantile of at most 30 000 evenly spread values.
  private static func range(_ values: [Float]) -> ClosedRange<Float>? {
    let step = max(1, values.count / 30_000)
    let sorted = stride(from: 0, to: values.count, by: step).map { values[$0] }
      .filter { $0.isFinite }.sorted()
    guard let least = sorted.first, let most = sorted.last, least < most else { return nil }
    let low = sorted[Int(0.002 * Double(sorted.count - 1))]
    let high = sorted[Int(0.998 * Double(sorted.count - 1))]
    return low < high ? low...high : least...most
  }

  /// Columns of the histogram: `bins` knots and the support of the spline on both sides.
  private var columns: Int { bins + 3 }

  /// Bin number and fraction of a fixed value.
  private func fixedPosition(_ value: Float) -> (Int, Float) {
    let u =
      (min(max(value, fixedRange.lowerBound), fixedRange.upperBound) - fixedRange.lowerBound)
      / (fixedRange.upperBound - fixedRange.lowerBound) * Float(bins - 1)
    let first = min(Int(u), bins - 2)
    return (first, u - Float(first))
  }

  /// First column and fraction of a moving value; `isInside` is false where it was cut to the range.
  private func movingPosition(_ value: Float) -> (first: Int, fraction: Float, isInside: Bool) {
    let cut = min(max(value, movingRange.lowerBound), movingRange.upperBound)
    let u =
      (cut - movingRange.lowerBound) / (movingRange.upperBound - movingRange.lowerBound) * Float(bins - 1)
    let first = min(Int(u), bins - 1)
    return (first, u - Float(first), cut == value)
  }

  func evaluate(_ samples: [Float], fixed: FixedSamples, active: [Bool], threads: Int) -> Evaluation? {
    let values = fixed.values
    let slice = fixed.lattice.shape.y * fixed.lattice.shape.x
    let partial =
      (try? Parallel.map(fixed.lattice.shape.z, threads: threads) {
        (z) throws(VoxelithError) -> (joint: [Float], sums: PairSums) in
        count((z * slice)..<((z + 1) * slice), values.span, samples.span, active.span)
      }) ?? []
    var counts = [Double](repeating: 0, count: bins * columns)
    var sums = PairSums()
    for part in partial {
      for i in counts.indices { counts[i] += Double(part.joint[i]) }
      sums = sums + part.sums
    }
    guard sums.count > 50, !sums.isConstant else { return nil }
    guard let table = InformationTable(counts, rows: bins, columns: columns, total: Double(sums.count)) else {
      return nil
    }
    // Scores and curvatures side by side.
    var pairs = [SIMD2<Float>](repeating: .zero, count: values.count)
    Parallel.forEachSlab(of: &pairs, stride: slice, threads: threads) { z, slab in
      score(z * slice, values.span, samples.span, active.span, table, into: &slab)
    }
    return Evaluation(
      cost: -table.information, count: sums.count, scores: pairs.map { $0.x }, curvatures: pairs.map { $0.y },
      correlation: sums.correlation)
  }

  /// Histogram and moments of a slice.
  private func count(
    _ range: Range<Int>, _ values: Span<Float>, _ samples: Span<Float>, _ active: Span<Bool>
  ) -> (joint: [Float], sums: PairSums) {
    var joint = [Float](repeating: 0, count: bins * columns)
    var sums = PairSums()
    let columns = columns
    for i in range where active[i] {
      let moving = samples[4 * i]
      if moving.isNaN { continue }
      sums.add(Double(values[i]), Double(moving), 1)
      let (row, share) = fixedPosition(values[i])
      let (column, t, _) = movingPosition(moving)
      let upper = share * spline(t)
      let lower = spline(t) - upper
      let at = row * columns + column
      for k in 0..<4 {
        joint[at + k] += lower[k]
        joint[at + columns + k] += upper[k]
      }
    }
    return (joint, sums)
  }

  /// Score and curvature of every voxel of a slice that takes part.
  private func score(
    _ first: Int, _ values: Span<Float>, _ samples: Span<Float>, _ active: Span<Bool>,
    _ table: InformationTable, into slab: inout MutableSpan<SIMD2<Float>>
  ) {
    let perUnit = Float(bins - 1) / (movingRange.upperBound - movingRange.lowerBound)
    let information = Float(table.information)
    let joint = table.joint.span
    let marginal = table.marginal.span
    let columns = columns
    for k in slab.indices where active[first + k] {
      let moving = samples[4 * (first + k)]
      if moving.isNaN { continue }
      let (column, t, isInside) = movingPosition(moving)
      guard isInside else { continue }
      let (row, share) = fixedPosition(values[first + k])
      let at = row * columns + column
      let low = SIMD4(joint[at], joint[at + 1], joint[at + 2], joint[at + 3])
      let next = at + columns
      let high = SIMD4(joint[next], joint[next + 1], joint[next + 2], joint[next + 3])
      let both = low + share * (high - low)
      let own = SIMD4(marginal[column], marginal[column + 1], marginal[column + 2], marginal[column + 3])
      let b = spline(t)
      let d = splineSlope(t)
      let p = (both * b).sum()
      let q = (own * b).sum()
      guard p > 0, q > 0 else { continue }
      let jointSlope = (both * d).sum() / p * perUnit
      let marginalSlope = (own * d).sum() / q * perUnit
      let likelihood = jointSlope - marginalSlope
      slab[k] = SIMD2(information * jointSlope - marginalSlope, likelihood * likelihood)
    }
  }
}

/// The four cubic B-splines over a point at fraction `t` of a bin.
@inline(__always)
private func spline(_ t: Float) -> SIMD4<Float> {
  let u = 1 - t
  let t2 = t * t
  return SIMD4(
    u * u * u / 6, (3 * t2 * t - 6 * t2 + 4) / 6, (-3 * t2 * t + 3 * t2 + 3 * t + 1) / 6, t2 * t / 6)
}

/// Their derivatives with respect to `t`.
@inline(__always)
private func splineSlope(_ t: Float) -> SIMD4<Float> {
  let u = 1 - t
  return SIMD4(-0.5 * u * u, 1.5 * t * t - 2 * t, -1.5 * t * t + t + 0.5, 0.5 * t * t)
}
