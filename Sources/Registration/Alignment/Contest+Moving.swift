import Foundation
import Volumetry

extension Contest {
  /// Of two places of a small volume within a larger one, which its own voxels judge: the fixed voxels that both places share are
  /// few, or none.
  ///
  /// Both sides are cut into blocks of the moving volume. Of each, the mean gain of the logarithm of the likelihood over knowing
  /// nothing but the mean (the pointwise mutual information for that metric) is compared between the two places.
  static func clearness(_ own: Trial, amongMovingVoxelsOf rival: Trial) -> Double {
    let first = Self.gains(own)
    let second = Self.gains(rival)
    // Dictionaries have no order; sums need one.
    let shared = first.keys.filter { second[$0] != nil }.sorted { ($0.z, $0.y, $0.x) < ($1.z, $1.y, $1.x) }
    var differences: [Double] = []
    var counts: [Int] = []
    for block in shared {
      guard let a = first[block], let b = second[block] else { continue }
      let count = min(a.count, b.count)
      guard 2 * count >= Self.side * Self.side * Self.side else { continue }
      differences.append(Double(count) * (a.mean - b.mean))
      counts.append(count)
    }
    return counts.count >= 4 ? Self.deviations(differences, counts: counts) : 0
  }

  /// Voxels of the fixed lattice along a block.
  private static let side = 5

  /// What each block of the moving volume gains on the fixed values.
  private static func gains(_ trial: Trial) -> [SIMD3<Int>: Moments] {
    let values = trial.solver.fixed.values
    let samples = trial.solution.samples
    let lattice = trial.solver.model.lattice
    let voxels = values.indices.filter { !values[$0].isNaN && !samples[4 * $0].isNaN }
    let gained =
      trial.metric == .mutualInformation
      ? JointHistogram.logarithms(values, samples, of: voxels)
      : logarithmsOverMean(values, predicted: trial.prediction, of: voxels)
    let spacing = lattice.spacing
    let edge = Double(side) * SIMD3(spacing.x, spacing.y, spacing.z)
    let shape = lattice.shape
    var result: [SIMD3<Int>: Moments] = [:]
    for (i, gain) in zip(voxels, gained) {
      let point = lattice.center(z: i / (shape.x * shape.y), y: i / shape.x % shape.y, x: i % shape.x)
      let place = (trial.solution.transform(point) / edge).rounded(.down)
      result[SIMD3(Int(place.x), Int(place.y), Int(place.z)), default: Moments()].add(gain)
    }
    return result
  }

  /// Logarithm of the normal likelihood about the prediction less that about the mean.
  private static func logarithmsOverMean(_ values: [Float], predicted: [Float], of voxels: [Int]) -> [Double]
  {
    var all = Moments()
    var rest = Moments()
    for i in voxels {
      all.add(Double(values[i]))
      rest.add(Double(values[i] - predicted[i]))
    }
    let whole = max(all.variance, .leastNormalMagnitude)
    let left = max(rest.variance + rest.mean * rest.mean, .leastNormalMagnitude)
    return voxels.map { i in
      let distance = Double(values[i] - predicted[i])
      let spread = Double(values[i]) - all.mean
      return 0.5 * (log(whole / left) + spread * spread / whole - distance * distance / left)
    }
  }
}
