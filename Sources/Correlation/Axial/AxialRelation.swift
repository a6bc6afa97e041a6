import Foundation
import Volumetry

/// Relation of a quantity to a direction, or of two directions.
public struct AxialRelation: Sendable, Codable, Equatable {
  /// Share of the variance that the direction explains: the multiple correlation of a quantity with cosine and sine
  /// of the direction (Mardia, J. R. Stat. Soc. B 38 (1976) 91), or half the trace of the product of both regressions
  /// for two directions (Jupp and Mardia, Biometrika 67 (1980) 163).
  public let squaredCorrelation: Double
  /// Of the same without what there is by chance (`NullScatter`).
  public let interval: Estimate
  public let voxels: Int
  public let effectiveVoxels: Double
  /// Degrees of freedom that controls took.
  public let spent: Int
  /// Two-sided: with the effective number for a quantity and a direction; for two directions the share of fields
  /// without relation, as alike over distances as the second one, that reach the correlation.
  public let pValue: Double
  public let log10PValue: Double
  /// Direction in degrees at which the quantity is greatest; nil for two directions.
  public let directionOfMaximum: Double?
  /// Adjusted for all tests of a report (Benjamini and Hochberg).
  public var qValue: Double?

  enum CodingKeys: String, CodingKey {
    case voxels, interval
    case squaredCorrelation = "squared_correlation"
    case effectiveVoxels = "effective_voxels"
    case spent = "degrees_of_freedom_spent"
    case pValue = "p_value"
    case log10PValue = "log10_p_value"
    case directionOfMaximum = "direction_of_maximum_deg"
    case qValue = "q_value"
  }

  /// How chance is looked at.
  struct Chance {
    var surrogates: Int
    var seed: UInt64
    var confidence: Double
    var resources: Resources
  }

  /// - Parameters:
  ///   - pair: values and angles in degrees.
  ///   - periodX: period of x; nil for a quantity that is no direction.
  ///   - periodY: the same of y; one of both is given.
  ///   - controls: what is taken out of quantities, cosines and sines.
  /// - Throws: `data` where a direction is the same everywhere.
  init(
    _ pair: FieldPair, periodX: Double?, periodY: Double?, controls: ControlBasis? = nil, chance: Chance
  ) throws(VoxelithError) {
    func columns(_ values: [Double], _ period: Double?) -> [[Double]] {
      guard let period else { return [values] }
      let parts = axialComponents(values, period: period)
      return [parts.cos, parts.sin]
    }
    @Sendable func rest(_ columns: [[Double]]) -> [[Double]] {
      guard let controls else { return columns }
      return columns.map { controls.residuals($0) }
    }
    let whole = columns(pair.y, periodY)
    let a = rest(columns(pair.x, periodX))
    let b = rest(whole)
    spent = controls?.spent ?? 0
    let left = Double(pair.count - spent)
    guard let inverseA = Self.covariance(a, a).inverse, let squared = Self.squared(a, b, inverseA) else {
      throw VoxelithError(.data, "a direction is the same everywhere")
    }
    // Variances add up, so that it is the inverse that is averaged.
    var variance = 0.0
    for first in a {
      for second in b {
        variance += 1 / max(2, try pair.effectiveCount(of: first, second, spent: spent))
      }
    }
    effectiveVoxels = min(left, Double(a.count * b.count) / variance)
    squaredCorrelation = squared
    voxels = pair.count
    let tail: TailProbability
    let scatter: NullScatter
    if a.count == 1 || b.count == 1 {
      // F with 2 and n - 3 degrees of freedom in closed form.
      tail = TailProbability(
        logarithm: 0.5 * max(0, effectiveVoxels - 3) * log(max(1 - squared, 2.2e-16)))
      let one = 1 / max(3, effectiveVoxels - 1)
      scatter = NullScatter(mean: 2 * one, variance: 4 * one * one)
    } else {
      let surrogates = try SpatialSurrogates(
        of: whole, on: pair, noise: SurrogateNoise(shape: pair.shape, seed: chance.seed))
      let reached = try Parallel.map(chance.surrogates, threads: chance.resources.threads) {
        (number) throws(VoxelithError) -> Double in
        let columns = try surrogates.columns(number).map { $0.map { Double($0) } }
        return Self.squared(a, rest(columns), inverseA) ?? 0
      }
      let share = Double(reached.count { $0 >= squared } + 1) / Double(reached.count + 1)
      tail = TailProbability(logarithm: log(share))
      scatter = NullScatter(reached, least: 0.5 / effectiveVoxels)
    }
    pValue = tail.value
    log10PValue = tail.log10
    let range = scatter.interval(of: squared, most: 1, confidence: chance.confidence)
    interval = Estimate(
      value: min(1, range.value), low: min(squared, range.low), high: max(min(1, range.value), range.high))
    let isScalarX = periodX == nil
    if let period = isScalarX ? periodY : periodX, a.count != b.count {
      let ab = Self.covariance(a, b)
      let slopes: Matrix
      if isScalarX, let inverseB = Self.covariance(b, b).inverse {
        slopes = inverseB * ab.transposed
      } else {
        slopes = inverseA * ab
      }
      let angle = atan2(slopes[1, 0], slopes[0, 0]) / (2 * .pi) * period
      directionOfMaximum = angle < 0 ? angle + period : angle
    } else {
      directionOfMaximum = nil
    }
  }

  /// Mean squared canonical correlation; nil where columns depend on each other.
  private static func squared(_ a: [[Double]], _ b: [[Double]], _ inverseA: Matrix) -> Double? {
    guard let inverseB = covariance(b, b).inverse else { return nil }
    let ab = covariance(a, b)
    let product = inverseA * ab * inverseB * ab.transposed
    let trace = (0..<a.count).reduce(0.0) { $0 + product[$1, $1] }
    return min(1, max(0, trace / Double(min(a.count, b.count))))
  }

  private static func covariance(_ a: [[Double]], _ b: [[Double]]) -> Matrix {
    Matrix(
      a.map { first in
        let ma = mean(first)
        return b.map { second in
          let mb = mean(second)
          return first.indices.reduce(0.0) { $0 + (first[$1] - ma) * (second[$1] - mb) }
        }
      })
  }
}
