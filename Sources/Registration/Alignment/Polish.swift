import Foundation
import Volumetry

/// The last step: with finer interpolation, more points, and the blur that promises the least error.
struct Polish {
  let trial: Trial
  /// By the observed curvature; nil where the metric has no maximum there.
  let covariance: Matrix?
  /// Distance in um between the alignments by two blurs beyond what noise alone makes of it, where blurring changes what the
  /// values mean.
  let drift: Double

  private typealias Fit = (trial: Trial, covariance: Matrix, error: Double)

  init(_ found: Trial, _ search: StartSearch) throws(VoxelithError) {
    guard !search.pyramid.isSharp(found.metric) else {
      (trial, covariance, drift) = (found, found.observedCovariance, 0)
      return
    }
    var best: Fit?
    if found.metric == .mutualInformation {
      (best, drift) = try Self.foreign(found, search)
    } else {
      drift = 0
      for blur in Self.blurs(found, search.pyramid) {
        guard let next = try Self.fit(found, search, blur).flatMap(Self.judged) else { continue }
        if next.error < best?.error ?? .infinity { best = next }
      }
    }
    trial = best?.trial ?? found
    covariance = best?.covariance ?? found.observedCovariance
  }

  /// By two blurs: where the alignment moves with them by more than it may by chance, the sharper one is nearer.
  private static func foreign(
    _ found: Trial, _ search: StartSearch
  ) throws(VoxelithError) -> (Fit?, drift: Double) {
    let first = try fit(found, search, Pyramid.sharp).flatMap(judged)
    guard let second = try fit(first?.trial ?? found, search, Pyramid.sharper) else { return (first, 0) }
    guard let first else { return (judged(second), 0) }
    let drift = second.solution.transform.meanError(
      against: first.trial.solution.transform, over: second.solver.model.lattice)
    guard let sharper = judged(second) else { return (first, drift) }
    // The variance of the difference from an efficient estimate is the difference of the variances (Hausman, Econometrica 46
    // (1978) 1251).
    let chance = abs(sharper.error * sharper.error - first.error * first.error)
    let beyond = max(0, drift * drift - chance).squareRoot()
    return (drift > 0.5 * first.error ? sharper : first, beyond)
  }

  private static func fit(
    _ found: Trial, _ search: StartSearch, _ blur: Pyramid.Blur
  ) throws(VoxelithError) -> Trial? {
    let pyramid = search.pyramid
    let level = try pyramid.level(
      pyramid.factors.count - 1, blur: blur, near: found.solution.transform, isLast: true,
      isForeign: found.metric == .mutualInformation)
    let solver = try pyramid.solver(level, metric: found.metric)
    // Whether the place is right was asked at the scale at which it was found.
    return Trial(
      solver, metric: found.metric, from: found.solution.transform, least: search.least(solver),
      known: blur == Pyramid.wide ? nil : found.agreement)
  }

  /// Nil where the metric has no maximum.
  private static func judged(_ trial: Trial) -> Fit? {
    trial.observedCovariance.map { (trial, $0, trial.expectedError($0)) }
  }

  private static func blurs(_ found: Trial, _ pyramid: Pyramid) -> [Pyramid.Blur] {
    let correlation = found.agreement.correlation
    var blurs = [Pyramid.usual]
    if pyramid.isFiner, found.metric == .model { blurs.append(.moving) }
    if correlation * correlation < 0.8 {
      blurs.append(isNoiseSmooth(found) ? Pyramid.narrow : Pyramid.wide)
    }
    return blurs
  }

  /// Whether what the fit leaves over is smoother than its blur makes white noise: neighbours that are d voxels apart then
  /// go together by more than exp(-d^2 / 4 (1 + s^2)), with s half a voxel.
  private static func isNoiseSmooth(_ found: Trial) -> Bool {
    let values = found.solver.fixed.values
    let shape = found.solver.model.lattice.shape
    let rest = zip(values, found.prediction).map { $0 - $1 }
    var (squares, products, pairs, count) = (0.0, 0.0, 0, 0)
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        let row = shape.index(z: z, y: y, x: 0)
        for i in row..<(row + shape.x - 1) where !rest[i].isNaN {
          squares += Double(rest[i]) * Double(rest[i])
          count += 1
          if rest[i + 1].isNaN { continue }
          products += Double(rest[i]) * Double(rest[i + 1])
          pairs += 1
        }
      }
    }
    guard pairs > 1000, squares > 0, products > 0 else { return false }
    let correlation = (products / Double(pairs)) / (squares / Double(count))
    let distance = found.solver.model.lattice.spacing.x / found.solver.fixed.box.x
    return correlation < 1 && distance * distance / (-4 * log(correlation)) > 1.4
  }
}
