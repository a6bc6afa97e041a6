public import Volumetry

/// Lithium of the maps against the lithium that the charge passed moved: the check of x that needs no standard.
///
/// Faraday's law says that x changes by q = -Q / (n F) while the charge Q passes through an electrode of n moles of formula units. The
/// means x of the states, with their covariance V, are fitted by x = a + b q (generalised least squares). b is 1 where the scale of
/// x is right, all lithium comes from this electrode and the field of view stands for all of it. The error of n changes all q by one
/// factor, and so b; that of the charge adds to V.
public struct LithiumBalance: Sendable, Hashable, Codable {
  /// A number and its standard deviation.
  public struct Value: Sendable, Hashable, Codable {
    public var value: Double
    public var sigma: Double

    public init(value: Double, sigma: Double) {
      self.value = value
      self.sigma = sigma
    }

    /// 95 % of a normal distribution.
    public var interval: [Double] { [value - 1.959964 * sigma, value + 1.959964 * sigma] }
  }

  public enum Verdict: String, Sendable, Hashable, Codable {
    case agrees, differs
    /// The charge passed between the states is too little to tell.
    case undetermined
  }

  /// Change of x by the maps over that by charge; 1 is wanted. Nil where the states have one charge.
  public var ratio: Value?
  /// 95 % interval of `ratio`.
  public var ratioInterval: [Double]?
  /// Mean of x by maps minus x by charge, where the cell's first x is known.
  public var offset: Value?
  /// 95 % interval of `offset`.
  public var offsetInterval: [Double]?
  /// For each state x by the map minus x by charge: absolute where the cell's first x is known, else from the first state on.
  public var differences: [Value]
  /// Of all differences together, with their covariance.
  public var chiSquared: Double
  public var degreesOfFreedom: Int
  public var probability: Double
  public var verdict: Verdict
  /// What a reader should know.
  public var note: String?

  enum CodingKeys: String, CodingKey {
    case ratio, offset, differences, probability, verdict, note
    case ratioInterval = "ratio_interval_95"
    case offsetInterval = "offset_interval_95"
    case chiSquared = "chi_squared"
    case degreesOfFreedom = "degrees_of_freedom"
  }

  /// - Parameters:
  ///   - x: mean x of the states.
  ///   - covariance: of `x`: counts, instrument, standards.
  ///   - orCovariance: another covariance that is as likely, where it is not known how much states share; of each number the larger error
  ///     is kept.
  ///   - changes: q for each state, since the record began.
  ///   - changeSigmas: errors of q that states do not share: of the charge.
  ///   - amountSigma: relative error of the amount of active material.
  ///   - initial: x of the electrode when the record began; nil where it is not known.
  /// - Throws: `usage` where the numbers differ in length, `data` where the covariance is not positive.
  public init(
    x: [Double], covariance: Matrix, orCovariance: Matrix? = nil, changes: [Double], changeSigmas: [Double],
    amountSigma: Double, initial: Value?
  ) throws(VoxelithError) {
    let n = x.count
    let matrices = [covariance] + (orCovariance.map { [$0] } ?? [])
    guard n >= 2, changes.count == n, changeSigmas.count == n,
      matrices.allSatisfy({ $0.rows == n && $0.columns == n })
    else {
      throw VoxelithError(.usage, "a balance needs two states or more, each with x and charge")
    }
    let fits = try matrices.map { (matrix) throws(VoxelithError) in
      try Fit(
        x: x, covariance: matrix, changes: changes, changeSigmas: changeSigmas, amountSigma: amountSigma,
        initial: initial)
    }
    let first = fits[0]
    func larger(_ value: KeyPath<Fit, Value?>) -> Value? {
      fits.compactMap { $0[keyPath: value] }.max { $0.sigma < $1.sigma }
    }
    differences = first.differences.indices.map { index in
      Value(
        value: first.differences[index].value,
        sigma: fits.map { $0.differences[index].sigma }.max() ?? 0)
    }
    (offset, ratio) = (larger(\.offset), larger(\.ratio))
    (offsetInterval, ratioInterval) = (offset?.interval, ratio?.interval)
    degreesOfFreedom = first.degreesOfFreedom
    chiSquared = fits.map(\.chiSquared).min() ?? first.chiSquared
    probability = Distributions.chiSquaredTail(chiSquared, dof: Double(degreesOfFreedom))
    let isOff = probability < 0.05
    verdict = isOff ? .differs : .agrees
    let spread = (changes.max() ?? 0) - (changes.min() ?? 0)
    if ratio == nil {
      note = "the states have one charge, so that only their differences could be tested"
      if !isOff { verdict = .undetermined }
    } else if let ratio, !isOff, ratio.sigma > 0.5 {
      verdict = .undetermined
      note =
        "the charge between the states moves x by \(rounded(spread)), too little beside its errors to test the scale"
    }
  }

  /// What one covariance of the means says.
  private struct Fit {
    let differences: [Value]
    let offset: Value?
    let ratio: Value?
    let chiSquared: Double
    let degreesOfFreedom: Int

    init(
      x: [Double], covariance: Matrix, changes: [Double], changeSigmas: [Double], amountSigma: Double,
      initial: Value?
    ) throws(VoxelithError) {
      let n = x.count
      var own = covariance
      for i in 0..<n { own[i, i] += changeSigmas[i] * changeSigmas[i] }
      let offsets = zip(x, changes).map { $0 - $1 }
      // Differences with all that is not known of them; without the first x they start at the first state.
      var all = own
      for i in 0..<n {
        for j in 0..<n {
          all[i, j] +=
            amountSigma * amountSigma * changes[i] * changes[j] + (initial.map { $0.sigma * $0.sigma } ?? 0)
        }
      }
      let base = initial?.value
      differences = (0..<n).map { i in
        guard let base else {
          return Value(
            value: offsets[i] - offsets[0],
            sigma: max(0, all[i, i] + all[0, 0] - 2 * all[i, 0]).squareRoot())
        }
        return Value(value: offsets[i] - base, sigma: max(0, all[i, i]).squareRoot())
      }
      let ones = [Double](repeating: 1, count: n)
      let weights = try LithiumBalance.solver(all)
      let about = offsets.map { $0 - (base ?? 0) }
      let (w1, wd) = (weights(ones), weights(about))
      let (s11, s1d, sdd) = (dot(ones, w1), dot(ones, wd), dot(about, wd))
      guard s11 > 0 else { throw VoxelithError(.data, "the covariance of the means is not positive") }
      if base == nil {
        (offset, chiSquared, degreesOfFreedom) = (nil, max(0, sdd - s1d * s1d / s11), n - 1)
      } else {
        (chiSquared, degreesOfFreedom) = (max(0, sdd), n)
        offset = Value(value: s1d / s11, sigma: 1 / s11.squareRoot())
      }
      ratio = try LithiumBalance.ratio(x, own, changes, amountSigma: amountSigma)
    }
  }

  /// b of x = a + b q with its error; nil where q does not change.
  private static func ratio(
    _ x: [Double], _ covariance: Matrix, _ changes: [Double], amountSigma: Double
  ) throws(VoxelithError) -> Value? {
    let spread = (changes.max() ?? 0) - (changes.min() ?? 0)
    guard spread > 1e-9 else { return nil }
    let weights = try solver(covariance)
    let ones = [Double](repeating: 1, count: x.count)
    let (w1, wq) = (weights(ones), weights(changes))
    let (s11, s1q, sqq) = (dot(ones, w1), dot(ones, wq), dot(changes, wq))
    let determinant = s11 * sqq - s1q * s1q
    guard determinant > 1e-12 * s11 * sqq else { return nil }
    let slope = (s11 * dot(x, wq) - s1q * dot(x, w1)) / determinant
    let variance = s11 / determinant + amountSigma * amountSigma * slope * slope
    return Value(value: slope, sigma: variance.squareRoot())
  }

  /// Products of the inverse with vectors.
  private static func solver(_ matrix: Matrix) throws(VoxelithError) -> ([Double]) -> [Double] {
    // Errors that states share wholly leave the matrix singular within rounding.
    var sound = matrix
    let scale = (0..<matrix.rows).reduce(0) { max($0, matrix[$1, $1]) }
    for i in 0..<matrix.rows { sound[i, i] += 1e-10 * scale }
    guard scale > 0, let factor = Cholesky(sound) else {
      throw VoxelithError(.data, "the covariance of the means is not positive")
    }
    return { factor.solve($0) }
  }
}

private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
