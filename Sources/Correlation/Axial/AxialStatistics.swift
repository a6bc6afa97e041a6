import Foundation
import Volumetry

/// Directions of which only the line counts, as angles of a period (180 degrees for lines in a plane): mean and
/// concentration from the angle times 360 over the period (Mardia and Jupp, Directional Statistics (2000), 1.3).
public struct AxialSummary: Sendable, Codable, Equatable {
  public let quantity: String
  public let period: Double
  public let voxels: Int
  /// Mean direction in degrees, from 0 to the period.
  public let meanDirection: Double
  /// Length of the mean vector: 0 for none, 1 where all directions agree.
  public let resultantLength: Double

  enum CodingKeys: String, CodingKey {
    case quantity, voxels
    case period = "period_deg"
    case meanDirection = "mean_direction_deg"
    case resultantLength = "resultant_length"
  }

  public init(quantity: String, degrees: [Double], period: Double) {
    let known = degrees.filter(\.isFinite)
    let (c, s) = axialComponents(known, period: period)
    let (mc, ms) = (mean(c), mean(s))
    self.quantity = quantity
    self.period = period
    voxels = known.count
    let direction = atan2(ms, mc) / (2 * .pi) * period
    meanDirection = direction < 0 ? direction + period : direction
    resultantLength = (mc * mc + ms * ms).squareRoot()
  }
}

/// Cosine and sine of angles in degrees that repeat after a period.
func axialComponents(_ degrees: [Double], period: Double) -> (cos: [Double], sin: [Double]) {
  let factor = 2 * Double.pi / period
  return (degrees.map { cos($0 * factor) }, degrees.map { sin($0 * factor) })
}

/// Relation of a quantity to a direction, or of two directions.
public struct AxialRelation: Sendable, Codable, Equatable {
  /// Share of the variance that the direction explains: the multiple correlation of a quantity with cosine and sine
  /// of the direction (Mardia, J. R. Stat. Soc. B 38 (1976) 91), or half the trace of the product of both regressions
  /// for two directions (Jupp and Mardia, Biometrika 67 (1980) 163).
  public let squaredCorrelation: Double
  public let voxels: Int
  public let effectiveVoxels: Double
  /// Two-sided, with the effective number.
  public let pValue: Double
  public let log10PValue: Double
  /// Direction in degrees at which the quantity is greatest; nil for two directions.
  public let directionOfMaximum: Double?
  /// Adjusted for all tests of a report (Benjamini and Hochberg).
  public var qValue: Double?

  enum CodingKeys: String, CodingKey {
    case voxels
    case squaredCorrelation = "squared_correlation"
    case effectiveVoxels = "effective_voxels"
    case pValue = "p_value"
    case log10PValue = "log10_p_value"
    case directionOfMaximum = "direction_of_maximum_deg"
    case qValue = "q_value"
  }

  /// - Parameters:
  ///   - pair: values and angles in degrees.
  ///   - periodX: period of x; nil for a quantity that is no direction.
  ///   - periodY: the same of y; one of both is given.
  /// - Throws: `data` where a direction is the same everywhere.
  init(_ pair: FieldPair, periodX: Double?, periodY: Double?) throws(VoxelithError) {
    func columns(_ values: [Double], _ period: Double?) -> [[Double]] {
      guard let period else { return [values] }
      let parts = axialComponents(values, period: period)
      return [parts.cos, parts.sin]
    }
    let a = columns(pair.x, periodX)
    let b = columns(pair.y, periodY)
    var effective = 0.0
    for first in a { for second in b { effective += try pair.effectiveCount(of: first, second) } }
    effective /= Double(a.count * b.count)
    let aa = Self.covariance(a, a)
    let bb = Self.covariance(b, b)
    let ab = Self.covariance(a, b)
    guard let inverseA = aa.inverse, let inverseB = bb.inverse else {
      throw VoxelithError(.data, "a direction is the same everywhere")
    }
    let product = inverseA * ab * inverseB * ab.transposed
    let trace = (0..<a.count).reduce(0.0) { $0 + product[$1, $1] }
    let most = Double(min(a.count, b.count))
    squaredCorrelation = min(1, max(0, trace / most))
    voxels = pair.count
    effectiveVoxels = effective
    let tail: TailProbability
    if a.count == 1 || b.count == 1 {
      // F with 2 and n - 3 degrees of freedom in closed form.
      tail = TailProbability(
        logarithm: 0.5 * max(0, effective - 3) * log(max(1 - squaredCorrelation, 2.2e-16)))
    } else {
      // n r^2 is chi-squared with 4 degrees of freedom, whose tail is (1 + v / 2) exp(-v / 2).
      let value = max(0, effective - 3) * trace
      tail = TailProbability(logarithm: -0.5 * value + log1p(0.5 * value))
    }
    pValue = tail.value
    log10PValue = tail.log10
    let isScalarX = periodX == nil
    if let period = isScalarX ? periodY : periodX, a.count != b.count {
      let slopes = isScalarX ? inverseB * ab.transposed : inverseA * ab
      let angle = atan2(slopes[1, 0], slopes[0, 0]) / (2 * .pi) * period
      directionOfMaximum = angle < 0 ? angle + period : angle
    } else {
      directionOfMaximum = nil
    }
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
