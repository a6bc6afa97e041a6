import Foundation
import Volumetry

/// Which of two alignments describes the fixed values better, and how surely.
///
/// Each says of the fixed values that it reaches what its prediction leaves over, and of those that only the other
/// reaches no more than their mean and variance, so that a close fit of a small overlap is worth less than one of a
/// large overlap, and more than a loose one. The difference of the two log-likelihoods a voxel is held against its own
/// scatter from block to block (the infinitesimal jackknife), as Vuong (Econometrica 57 (1989) 307) does for models of
/// which neither contains the other: the scatter knows how noise and residuals hang together within a block, and the
/// likelihoods how close the better fit is.
struct Contest: Sendable {
  /// Standard deviations by which the first is better; negative where the second is.
  let clearness: Double

  /// - Parameters:
  ///   - own, rival: fitted on one lattice.
  init(_ own: Trial, against rival: Trial) {
    let values = own.solver.fixed.values
    let a = own.prediction
    let b = rival.prediction
    let present = values.indices.map { !values[$0].isNaN && !(a[$0].isNaN && b[$0].isNaN) }
    let blocks = BlockCut.members(own.solver.model.lattice.shape, side: 5, present: present)
      .map { $0.filter { present[$0] } }
    var moments = Moments()
    for i in blocks.joined() { moments.add(Double(values[i])) }
    let all = (mean: moments.mean, variance: moments.variance)
    guard blocks.count >= 4, all.variance > 0,
      let first = Self.likelihoods(values, predicted: a, blocks: blocks, all: all),
      let second = Self.likelihoods(values, predicted: b, blocks: blocks, all: all)
    else {
      clearness = own.agreement.significance - rival.agreement.significance
      return
    }
    clearness = Self.deviations(zip(first, second).map { $0 - $1 }, counts: blocks.map(\.count))
  }

  /// Of two places of one volume, which the same voxels judge: those that both reach, or those of the moving volume where
  /// the places share less than half of what either reaches. How much more one of them reaches says nothing where an
  /// object repeats itself.
  ///
  /// - Parameters:
  ///   - own, rival: fitted on one lattice by one metric.
  init(_ own: Trial, amongVoxelsOf rival: Trial) {
    let values = own.solver.fixed.values
    let (a, b) = (own.solution.samples, rival.solution.samples)
    let present = values.indices.map { !values[$0].isNaN && !a[4 * $0].isNaN && !b[4 * $0].isNaN }
    let reached = [a, b].map { samples in
      values.indices.count { !values[$0].isNaN && !samples[4 * $0].isNaN }
    }
    if 2 * present.count(where: { $0 }) < min(reached[0], reached[1]) {
      clearness = Self.clearness(own, amongMovingVoxelsOf: rival)
      return
    }
    let blocks = BlockCut.members(own.solver.model.lattice.shape, side: 5, present: present)
      .map { $0.filter { present[$0] } }
    let all = blocks.flatMap { $0 }
    guard blocks.count >= 4 else {
      clearness = 0
      return
    }
    let first: [Double]
    let second: [Double]
    if own.metric == .mutualInformation {
      first = JointHistogram.logarithms(values, a, of: all)
      second = JointHistogram.logarithms(values, b, of: all)
    } else {
      first = Self.logarithms(values, predicted: own.prediction, of: all)
      second = Self.logarithms(values, predicted: rival.prediction, of: all)
    }
    var at = 0
    let differences = blocks.map { block in
      defer { at += block.count }
      return (at..<(at + block.count)).reduce(0.0) { $0 + first[$1] - second[$1] }
    }
    clearness = Self.deviations(differences, counts: blocks.map(\.count))
  }

  /// Logarithm of the normal likelihood of voxels about their prediction.
  private static func logarithms(_ values: [Float], predicted: [Float], of voxels: [Int]) -> [Double] {
    var rest = Moments()
    for i in voxels { rest.add(Double(values[i] - predicted[i])) }
    let variance = max(rest.variance + rest.mean * rest.mean, .leastNormalMagnitude)
    return voxels.map { i in
      let distance = Double(values[i] - predicted[i])
      return -0.5 * (log(variance) + distance * distance / variance)
    }
  }

  /// The sum of the blocks' differences in units of its own scatter.
  ///
  /// - Parameter counts: voxels of every block.
  static func deviations(_ differences: [Double], counts: [Int]) -> Double {
    let voxels = Double(counts.reduce(0, +))
    let mean = differences.reduce(0, +) / voxels
    let free = Double(counts.count - 1)
    let pulls = zip(differences, counts).reduce(0.0) {
      let pull = $1.0 - mean * Double($1.1)
      return $0 + pull * pull
    }
    let error = (Double(counts.count) / free * pulls).squareRoot() / voxels
    return error > 0 ? Agreement.normal(mean / error, degrees: free) : 0
  }

  /// Logarithm of the likelihood of every block: normal about the prediction with the variance of what it leaves over,
  /// and about the mean where there is none. Nil where nothing is predicted, or all without a rest.
  private static func likelihoods(
    _ values: [Float], predicted: [Float], blocks: [[Int]], all: (mean: Double, variance: Double)
  ) -> [Double]? {
    var rest = Moments()
    for i in blocks.joined() where !predicted[i].isNaN { rest.add(Double(values[i] - predicted[i])) }
    let variance = rest.count > 0 ? rest.variance + rest.mean * rest.mean : 0
    guard variance > 0 else { return nil }
    return blocks.map { indices in
      indices.reduce(0.0) { sum, i in
        let isReached = !predicted[i].isNaN
        let distance = Double(values[i]) - (isReached ? Double(predicted[i]) : all.mean)
        let spread = isReached ? variance : all.variance
        return sum - 0.5 * (log(spread) + distance * distance / spread)
      }
    }
  }
}
