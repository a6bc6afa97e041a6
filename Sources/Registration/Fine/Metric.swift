import Volumetry

/// What the fine alignment makes best.
public enum RegistrationMetric: String, Sendable, Hashable, Codable, CaseIterable {
  /// The one of `model` and `nmi` that the grey values of the coarse alignment ask for.
  case auto
  /// Least squares between the fixed values and gain x (moving, blurred and averaged over the voxel) +
  /// offset, weighted by the variance of the fixed values where it is known.
  case model
  /// Normalised mutual information, (H(f) + H(m)) / H(f, m) (Studholme, Hill and Hawkes, Pattern Recogn.
  /// 32 (1999) 71): for pairs without a simple relation of their values.
  case mutualInformation = "nmi"
  /// Normalised cross-correlation: maximal where least squares with free gain and offset is minimal, and
  /// found in that way, without weights.
  case correlation = "ncc"
}

/// How well a transform fits, and how the fit changes with the moving value of each voxel.
struct Evaluation: Sendable {
  /// To be made small: 1 - r^2, or minus the normalised mutual information.
  var cost: Double
  /// Voxels that took part.
  var count: Int
  /// Descent per unit of the moving value, one per voxel; zero where a voxel takes no part.
  var scores: [Float]
  /// Second derivative that goes with it (never negative).
  var curvatures: [Float]
  /// Slope and intercept of the fixed values against the moving ones; NaN for mutual information.
  var gain = Double.nan
  var offset = Double.nan
  /// Weighted sum of squares of the residuals.
  var residualSquares = Double.nan
  /// Plain correlation of fixed and moving values over the voxels that took part.
  var correlation = Double.nan
}

protocol Metric: Sendable {
  /// Whether gain and offset are parameters of the fit beside the transform.
  var hasNuisances: Bool { get }
  /// - Parameters:
  ///   - samples: of the forward model, four numbers a voxel.
  ///   - active: voxels that may take part.
  /// - Returns: nil where too few voxels take part or one side is constant.
  func evaluate(_ samples: [Float], fixed: FixedSamples, active: [Bool], threads: Int) -> Evaluation?
}

/// Sums of a slice that several metrics need; added up in slice order.
struct PairSums: Sendable {
  var w = 0.0
  var f = 0.0
  var m = 0.0
  var ff = 0.0
  var fm = 0.0
  var mm = 0.0
  var count = 0

  mutating func add(_ fixed: Double, _ moving: Double, _ weight: Double) {
    w += weight
    f += weight * fixed
    m += weight * moving
    ff += weight * fixed * fixed
    fm += weight * fixed * moving
    mm += weight * moving * moving
    count += 1
  }

  static func + (a: PairSums, b: PairSums) -> PairSums {
    PairSums(
      w: a.w + b.w, f: a.f + b.f, m: a.m + b.m, ff: a.ff + b.ff, fm: a.fm + b.fm, mm: a.mm + b.mm,
      count: a.count + b.count)
  }

  var varianceFixed: Double { max(0, ff / w - (f / w) * (f / w)) }
  var varianceMoving: Double { max(0, mm / w - (m / w) * (m / w)) }
  var covariance: Double { fm / w - (f / w) * (m / w) }
  var correlation: Double { covariance / (varianceFixed * varianceMoving).squareRoot() }
  /// Whether a side shows nothing but rounding.
  var isConstant: Bool {
    !(varianceFixed > 1e-12 * ff / w) || !(varianceMoving > 1e-12 * mm / w) || w <= 0
  }
}

/// Least squares with free gain and offset, which are solved for exactly at every transform.
struct LeastSquaresMetric: Metric {
  /// Whether the weights of the fixed values are used.
  let isWeighted: Bool
  var hasNuisances: Bool { true }

  func evaluate(_ samples: [Float], fixed: FixedSamples, active: [Bool], threads: Int) -> Evaluation? {
    let slice = fixed.lattice.shape.y * fixed.lattice.shape.x
    let weights = isWeighted ? fixed.weights : nil
    let values = fixed.values
    // Values are taken relative to rough means, so that their squares do not cancel.
    let (aroundF, aroundM) = Self.roughMeans(samples, values, active)
    let sums =
      (try? Parallel.map(fixed.lattice.shape.z, threads: threads) { (z) throws(VoxelithError) -> PairSums in
        var sums = PairSums()
        for i in (z * slice)..<((z + 1) * slice) where active[i] && !samples[4 * i].isNaN {
          sums.add(
            Double(values[i]) - aroundF, Double(samples[4 * i]) - aroundM, weights.map { Double($0[i]) } ?? 1)
        }
        return sums
      }) ?? []
    let total = sums.reduce(PairSums(), +)
    guard total.count > 12, !total.isConstant else { return nil }
    let gain = total.covariance / total.varianceMoving
    let offset = total.f / total.w - gain * total.m / total.w
    var scores = [Float](repeating: 0, count: values.count)
    var curvatures = [Float](repeating: 0, count: values.count)
    for i in values.indices where active[i] && !samples[4 * i].isNaN {
      let weight = weights.map { Double($0[i]) } ?? 1
      let residual = (Double(values[i]) - aroundF) - gain * (Double(samples[4 * i]) - aroundM) - offset
      scores[i] = Float(weight * residual)
      curvatures[i] = Float(weight)
    }
    let r = total.correlation
    return Evaluation(
      cost: 1 - r * r, count: total.count, scores: scores, curvatures: curvatures, gain: gain,
      offset: offset + aroundF - gain * aroundM,
      residualSquares: total.w * total.varianceFixed * max(0, 1 - r * r), correlation: r)
  }

  static func roughMeans(_ samples: [Float], _ values: [Float], _ active: [Bool]) -> (Double, Double) {
    for i in values.indices where active[i] && !samples[4 * i].isNaN {
      return (Double(values[i]), Double(samples[4 * i]))
    }
    return (0, 0)
  }
}
