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

  /// From the 0.2 to the 99.8 % quantile of at most 200 000 evenly spread values.
  private static func range(_ values: [Float]) -> ClosedRange<Float>? {
    let step = max(1, values.count / 200_000)
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
    let columns = columns
    let partial =
      (try? Parallel.map(fixed.lattice.shape.z, threads: threads) {
        (z) throws(VoxelithError) -> ([Double], PairSums) in
        var joint = [Double](repeating: 0, count: bins * columns)
        var sums = PairSums()
        for i in (z * slice)..<((z + 1) * slice) where active[i] && !samples[4 * i].isNaN {
          let moving = samples[4 * i]
          sums.add(Double(values[i]), Double(moving), 1)
          let (row, share) = fixedPosition(values[i])
          let (column, t, _) = movingPosition(moving)
          let b = spline(t)
          for k in 0..<4 {
            let weight = b[k]
            joint[row * columns + column + k] += Double(weight * (1 - share))
            joint[(row + 1) * columns + column + k] += Double(weight * share)
          }
        }
        return (joint, sums)
      }) ?? []
    var joint = [Double](repeating: 0, count: bins * columns)
    var sums = PairSums()
    for (slice, pair) in partial {
      for i in joint.indices { joint[i] += slice[i] }
      sums = sums + pair
    }
    guard sums.count > 50, !sums.isConstant else { return nil }
    let total = Double(sums.count)
    var marginal = [Double](repeating: 0, count: columns)
    var fixedEntropy = 0.0
    var jointEntropy = 0.0
    for row in 0..<bins {
      var sum = 0.0
      for column in 0..<columns {
        let p = joint[row * columns + column] / total
        joint[row * columns + column] = p
        marginal[column] += p
        sum += p
        if p > 0 { jointEntropy -= p * log(p) }
      }
      if sum > 0 { fixedEntropy -= sum * log(sum) }
    }
    let movingEntropy = marginal.reduce(0.0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
    guard jointEntropy > 0, fixedEntropy > 0, movingEntropy > 0 else { return nil }
    let information = (fixedEntropy + movingEntropy) / jointEntropy
    var result = Evaluation(
      cost: -information, count: sums.count, scores: [Float](repeating: 0, count: values.count),
      curvatures: [Float](repeating: 0, count: values.count), correlation: sums.correlation)
    let perUnit = Float(bins - 1) / (movingRange.upperBound - movingRange.lowerBound)
    for i in values.indices where active[i] && !samples[4 * i].isNaN {
      let (column, t, isInside) = movingPosition(samples[4 * i])
      guard isInside else { continue }
      let (row, share) = fixedPosition(values[i])
      let b = spline(t)
      let d = splineSlope(t)
      var p = 0.0
      var dp = 0.0
      var q = 0.0
      var dq = 0.0
      for k in 0..<4 {
        let both =
          joint[row * columns + column + k] * Double(1 - share)
          + joint[(row + 1) * columns + column + k] * Double(share)
        p += both * Double(b[k])
        dp += both * Double(d[k])
        q += marginal[column + k] * Double(b[k])
        dq += marginal[column + k] * Double(d[k])
      }
      guard p > 0, q > 0 else { continue }
      let jointSlope = dp / p * Double(perUnit)
      let marginalSlope = dq / q * Double(perUnit)
      result.scores[i] = Float((information * jointSlope - marginalSlope))
      let likelihood = jointSlope - marginalSlope
      result.curvatures[i] = Float(likelihood * likelihood)
    }
    return result
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
