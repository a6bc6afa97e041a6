import Foundation
public import Volumetry

/// Difference of one quantity between two samples or states (directional against isotropic pores, charged
/// against discharged), with effect sizes. Positive means that the second is greater.
public struct SampleComparison: Sendable, Codable, Equatable {
  public struct Side: Sendable, Codable, Equatable {
    public let voxels: Int
    /// Independent voxels for the mean.
    public let effectiveVoxels: Double
    public let mean: Double
    public let standardDeviation: Double
    public let median: Double

    enum CodingKeys: String, CodingKey {
      case voxels, mean, median
      case effectiveVoxels = "effective_voxels"
      case standardDeviation = "standard_deviation"
    }
  }

  public let first: Side
  public let second: Side
  /// Second mean less first, with the interval of Welch's t and effective numbers.
  public let difference: Estimate
  /// Two-sided p values of the difference, with effective numbers and as if voxels were independent.
  public let pValue: Double
  public let naivePValue: Double
  /// Difference over the pooled standard deviation, corrected for small samples (Hedges 1981).
  public let hedgesG: Estimate
  /// Probability that a voxel of the second is greater than one of the first, ties counting half: 0.5 for no
  /// difference (Mann and Whitney; interval after Hanley and McNeil, Radiology 143 (1982) 29).
  public let superiority: Estimate
  /// Cliff's delta, `2 superiority - 1`.
  public let cliffsDelta: Estimate

  enum CodingKeys: String, CodingKey {
    case first, second, difference, superiority
    case pValue = "p_value"
    case naivePValue = "naive_p_value"
    case hedgesG = "hedges_g"
    case cliffsDelta = "cliffs_delta"
  }

  /// - Parameters:
  ///   - first: one value per voxel of its own grid, NaN where missing.
  ///   - second: the same of the other sample.
  /// - Throws: `data` where a side has fewer than 4 values or both are constant.
  public init(
    first: [Double], shape firstShape: Shape, second: [Double], shape secondShape: Shape,
    confidence: Double = 0.95
  ) throws(VoxelithError) {
    let (a, va) = try Self.side(first, firstShape, "first")
    let (b, vb) = try Self.side(second, secondShape, "second")
    self.first = a
    self.second = b
    let errorA = a.standardDeviation * a.standardDeviation / a.effectiveVoxels
    let errorB = b.standardDeviation * b.standardDeviation / b.effectiveVoxels
    let gap = b.mean - a.mean
    let error = (errorA + errorB).squareRoot()
    guard error > 0 else {
      throw VoxelithError(.data, "both samples are constant, so that their difference has no scale")
    }
    let dof =
      (errorA + errorB) * (errorA + errorB)
      / (errorA * errorA / max(1, a.effectiveVoxels - 1) + errorB * errorB / max(1, b.effectiveVoxels - 1))
    let reach = studentQuantile(0.5 + 0.5 * confidence, dof: dof) * error
    difference = Estimate(value: gap, low: gap - reach, high: gap + reach)
    pValue = Distributions.studentTwoSided(gap / error, dof: dof)
    let naiveA = a.standardDeviation * a.standardDeviation / Double(a.voxels)
    let naiveB = b.standardDeviation * b.standardDeviation / Double(b.voxels)
    let naiveDof =
      (naiveA + naiveB) * (naiveA + naiveB)
      / (naiveA * naiveA / Double(a.voxels - 1) + naiveB * naiveB / Double(b.voxels - 1))
    naivePValue = Distributions.studentTwoSided(gap / (naiveA + naiveB).squareRoot(), dof: naiveDof)

    let pooled =
      ((Double(a.voxels - 1) * a.standardDeviation * a.standardDeviation
      + Double(b.voxels - 1) * b.standardDeviation * b.standardDeviation) / Double(a.voxels + b.voxels - 2))
      .squareRoot()
    let freedom = max(2, a.effectiveVoxels + b.effectiveVoxels - 2)
    let g = gap / pooled * (1 - 3 / (4 * freedom - 1))
    let normal = Distributions.normalQuantile(0.5 + 0.5 * confidence)
    let gError =
      (1 / a.effectiveVoxels + 1 / b.effectiveVoxels + g * g / (2 * freedom)).squareRoot()
    hedgesG = Estimate(value: g, low: g - normal * gError, high: g + normal * gError)

    let share = Self.superiority(va, vb)
    let q1 = share / (2 - share)
    let q2 = 2 * share * share / (1 + share)
    let variance =
      (share * (1 - share) + (b.effectiveVoxels - 1) * (q1 - share * share)
        + (a.effectiveVoxels - 1) * (q2 - share * share)) / (a.effectiveVoxels * b.effectiveVoxels)
    let half = normal * max(0, variance).squareRoot()
    superiority = Estimate(value: share, low: max(0, share - half), high: min(1, share + half))
    cliffsDelta = Estimate(
      value: 2 * share - 1, low: 2 * superiority.low - 1, high: 2 * superiority.high - 1)
  }

  private static func side(_ field: [Double], _ shape: Shape, _ name: String) throws(VoxelithError)
    -> (Side, [Double])
  {
    guard field.count == shape.count else {
      throw VoxelithError(.data, "the \(name) sample has \(field.count) values for \(shape.count) voxels")
    }
    let values = field.filter(\.isFinite)
    guard values.count >= 4 else {
      throw VoxelithError(.data, "the \(name) sample has \(values.count) values; at least 4 are needed")
    }
    var moments = Moments()
    for value in values { moments.add(value) }
    var effective = Double(values.count)
    if moments.variance > 0 {
      effective = try effectiveCountOfMean(field.map { $0.isFinite ? $0 : .nan }, shape: shape)
    }
    return (
      Side(
        voxels: values.count, effectiveVoxels: effective, mean: moments.mean,
        standardDeviation: moments.standardDeviation, median: Quantiles.median(values)), values
    )
  }

  /// Mann and Whitney's U over the product of the numbers.
  private static func superiority(_ a: [Double], _ b: [Double]) -> Double {
    let ranks = Correlations.ranks(a + b)
    let sum = ranks[a.count...].reduce(0, +)
    let n = Double(b.count)
    return (sum - 0.5 * n * (n + 1)) / (Double(a.count) * n)
  }
}

/// Number of independent voxels for the mean of a field: the variance of the mean is that of the field over
/// this number.
func effectiveCountOfMean(_ field: [Double], shape: Shape) throws(VoxelithError) -> Double {
  let correlation = try Autocorrelation(field, shape: shape)
  let count = field.reduce(0.0) { $0 + ($1.isNaN ? 0 : 1) }
  let sum = outwardSum(correlation)
  return min(count, max(2, count * count / max(sum, count)))
}

/// Sum over lags, in shells outwards, of pairs times the correlation, up to the first shell
/// whose mean is lost in the scatter.
func outwardSum(_ a: Autocorrelation) -> Double {
  var shells: [Int: (products: Double, pairs: Double)] = [:]
  var index = 0
  for z in -a.reach.z...a.reach.z {
    for y in -a.reach.y...a.reach.y {
      for x in -a.reach.x...a.reach.x {
        let shell = Int(Double(z * z + y * y + x * x).squareRoot().rounded())
        shells[shell, default: (0, 0)].products += a.pairs[index] * a.values[index]
        shells[shell, default: (0, 0)].pairs += a.pairs[index]
        index += 1
      }
    }
  }
  var sum = 0.0
  for shell in shells.keys.sorted() {
    guard let part = shells[shell], part.pairs > 0 else { continue }
    if shell > 0 && part.products / part.pairs < 0.01 { break }
    sum += part.products
  }
  return sum
}

/// Quantile of Student's t by bisection of its two-sided tail.
func studentQuantile(_ p: Double, dof: Double) -> Double {
  let tail = 2 * (1 - p)
  var low = 0.0
  var high = 1e4
  for _ in 0..<200 {
    let middle = 0.5 * (low + high)
    if Distributions.studentTwoSided(middle, dof: dof) > tail { low = middle } else { high = middle }
  }
  return 0.5 * (low + high)
}
