import Foundation
import Volumetry

/// Which parameters the maps determine, and the covariance of these.
///
/// The first state is unknown in every mode, so the profiled score of a parameter has the variance J = a'Ba (B: curvature as a form of the
/// linear unknowns a, at their best values), while its slope is on average H = J - tr(BC). The covariance is that of an estimating equation,
/// H^-1 J H^-1 (V. P. Godambe, Ann. Math. Stat. 31 (1960) 1208); without the trace noise in the first map would pass for a signal that decays.
struct DiffusivityErrors: Sendable {
  let active: [Int]
  let covariance: Matrix
  /// The same without what the states' offsets add.
  let ownCovariance: Matrix

  /// - Returns: nil and the parameter that is determined least, where one is not.
  static func judge(
    _ problem: DiffusivityProblem, _ point: DiffusivityProblem.Point, active: [Int]
  ) throws(VoxelithError) -> (errors: DiffusivityErrors?, weakest: Int?) {
    guard !active.isEmpty else {
      return (
        DiffusivityErrors(active: [], covariance: Matrix(zeros: 0, 0), ownCovariance: Matrix(zeros: 0, 0)),
        nil
      )
    }
    let (_, curvature) = problem.normal(point, active)
    let feigned = problem.feigned(point, active)
    let signal = curvature + (-1) * feigned
    // Per parameter: what is known of it beyond what noise feigns, over the scatter of the latter.
    let strengths = active.indices.map { i in
      signal[i, i] / (4 * (2 * max(0, feigned[i, i])).squareRoot() + Self.least)
    }
    if let weak = strengths.indices.min(by: { strengths[$0] < strengths[$1] }), strengths[weak] < 1 {
      return (nil, active[weak])
    }
    guard let factor = Cholesky(signal) else {
      return (nil, strengths.indices.min { strengths[$0] < strengths[$1] }.map { active[$0] })
    }
    let inverse = factor.inverse
    let covariance = inverse * curvature * inverse
    let widths = active.indices.map { covariance[$0, $0].squareRoot() }
    if let wide = widths.indices.max(by: { widths[$0] < widths[$1] }), widths[wide] > Self.widest {
      return (nil, active[wide])
    }
    var own = covariance
    if !problem.unknowns.offsets.isEmpty {
      // At the same diffusivities, with the offsets known: the share of the variance that remains.
      let fixed = try problem.point(point.values, withOffsets: false)
      let (_, sharper) = problem.normal(fixed, active)
      if let before = Cholesky(curvature)?.inverse, let after = Cholesky(sharper)?.inverse {
        for i in active.indices {
          for j in active.indices {
            let shares = [i, j].map { min(1, after[$0, $0] / before[$0, $0]).squareRoot() }
            own[i, j] *= shares[0] * shares[1]
          }
        }
      }
    }
    return (DiffusivityErrors(active: active, covariance: covariance, ownCovariance: own), nil)
  }

  /// Information at which a parameter counts as determined at all, and the widest standard deviation of a logarithm that is told.
  private static let least = 4.0
  private static let widest = 0.6

  /// Standard deviation of a function of the parameters, by its slopes; nil where it depends on one that is not determined.
  func sigma(_ slopes: [Double]) -> (all: Double, own: Double)? {
    let size = slopes.map(abs).max() ?? 0
    for (index, slope) in slopes.enumerated() where abs(slope) > 1e-3 * size && !active.contains(index) {
      return nil
    }
    let own = active.map { slopes[$0] }
    return (
      max(0, covariance.quadraticForm(own)).squareRoot(),
      max(0, ownCovariance.quadraticForm(own)).squareRoot()
    )
  }
}
