import Foundation
import Volumetry

extension OrientationStatistics {
  /// The numbers of the whole field with block-bootstrap intervals (H. R. Kunsch, Ann. Stat. 17
  /// (1989) 1217, with blocks that do not overlap).
  ///
  /// - Returns: nil where no sample has a direction that counts.
  public func summary(
    replicates: Int = 1000, confidence: Double = 0.95, seed: UInt64 = 1
  ) -> OrientationSummary? {
    let sums = blockSums
    guard let tensor = Self.tensor(of: sums) else { return nil }
    let drawn = (0..<max(0, replicates)).compactMap { replicate -> OrientationTensor? in
      var generator = SeededGenerator(seed: seed, stream: UInt64(replicate))
      return Self.tensor(
        of: sums.indices.lazy.map { _ in sums[Int(generator.next() % UInt64(sums.count))] })
    }
    func interval(_ value: (OrientationTensor) -> Double) -> Interval {
      Interval(value(tensor), replicates: drawn.map(value), confidence: confidence)
    }
    let axis = tensor.eigen.vectors[0]
    let turns = drawn.map { other in
      let cosine = abs((other.eigen.vectors[0] * axis).sum())
      return acos(min(1, cosine)) * 180 / .pi
    }
    let c = tensor.components
    return OrientationSummary(
      samples: count, definedFraction: Double(count) / Double(max(1, count + missing)),
      meanAnisotropy: meanLinearity + meanPlanarity, meanLinearity: meanLinearity,
      meanPlanarity: meanPlanarity,
      tensor: [[c[0], c[3], c[4]], [c[3], c[1], c[5]], [c[4], c[5], c[2]]],
      eigenvalues: (0..<3).map { tensor.eigen.values[$0] },
      axes: tensor.eigen.vectors.map { [$0.x, $0.y, $0.z] }, ellipsoid: tensor.ellipsoid,
      degreeOfAnisotropy: interval(\.degreeOfAnisotropy), orderParameter: interval(\.orderParameter),
      orderParameterZ: interval(\.orderParameterZ), angleToZ: interval(\.angleToZ),
      axisUncertainty: Quantiles.quantile(turns, confidence), angles: angles,
      sphere: OrientationSummary.Sphere(rings: histogram.rings, counts: histogram.cells),
      bootstrap: OrientationSummary.Bootstrap(
        replicates: drawn.count, blocks: sums.count,
        blockSize: Axis.allCases.map { Double(blockShape[$0]) * grid.spacing(along: $0) },
        confidence: confidence, seed: seed))
  }

  private var angles: OrientationSummary.Angles {
    let bins = histogram.angles
    let total = Double(max(1, count))
    let edges = (0...bins.count).map { cos(Double($0) * .pi / 2 / Double(bins.count)) }
    var below = 0
    var median = Double.nan
    for (bin, number) in bins.enumerated() where number > 0 {
      if Double(below + number) >= 0.5 * total {
        median = Double(bin) + (0.5 * total - Double(below)) / Double(number)
        break
      }
      below += number
    }
    return OrientationSummary.Angles(
      bin: 90 / Double(bins.count), share: bins.map { Double($0) / total },
      isotropic: (0..<bins.count).map { edges[$0] - edges[$0 + 1] }, median: median)
  }
}
