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
