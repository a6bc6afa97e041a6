import Foundation
import Volumetry

/// Where the axis of rotation falls on the detector, from the data.
///
/// The mean column of a projection, weighted by what it shows, runs as `center + a cos t + b sin t` whatever the sample, as long as no
/// part of it leaves the field of view and nothing is absorbed. Through a pinhole it runs as cos 2t and sin 2t, too, to first order in the size
/// of the sample over the distance. The centres of the rows make a line: its slope is the tilt of the axis.
public struct AxisEstimate: Sendable, Hashable {
  /// Column at the middle row, and its standard deviation.
  public var center: Double
  public var centerSigma: Double
  /// Columns from row to row, and its standard deviation; 0 with less than three rows that show something.
  public var slope: Double
  public var slopeSigma: Double
  /// Root mean square of what is left of the mean columns.
  public var scatter: Double

  /// Column of the axis at each row.
  public func centers(rows: Int) -> [Double] {
    (0..<rows).map { center + slope * (Double($0) - 0.5 * Double(rows - 1)) }
  }

  /// - Returns: nil where no row shows enough.
  public init?(_ data: AmplitudeProjections, geometry: ProjectionGeometry) {
    let totals = (0..<data.rows).map { row in
      data.first[data.range(row: row)].reduce(0.0) { $0 + Double(max(0, $1)) }
    }
    let most = totals.max() ?? 0
    var rows: [(place: Double, center: Double, variance: Double)] = []
    var scatter = 0.0
    for row in 0..<data.rows where totals[row] > 0.2 * most && most > 0 {
      guard let found = Self.fit(data, row: row, geometry) else { continue }
      rows.append((Double(row) - 0.5 * Double(data.rows - 1), found.center, found.variance))
      scatter += found.scatter * found.scatter
    }
    guard !rows.isEmpty else { return nil }
    self.scatter = (scatter / Double(rows.count)).squareRoot()
    var sums = (w: 0.0, x: 0.0, xx: 0.0, y: 0.0, xy: 0.0)
    for row in rows {
      let weight = 1 / max(row.variance, 1e-12)
      sums.w += weight
      sums.x += weight * row.place
      sums.xx += weight * row.place * row.place
      sums.y += weight * row.center
      sums.xy += weight * row.place * row.center
    }
    let determinant = sums.w * sums.xx - sums.x * sums.x
    if rows.count >= 3, determinant > 1e-9 * sums.w * sums.xx {
      slope = (sums.w * sums.xy - sums.x * sums.y) / determinant
      slopeSigma = (sums.w / determinant).squareRoot()
      center = (sums.xx * sums.y - sums.x * sums.xy) / determinant
      centerSigma = (sums.xx / determinant).squareRoot()
    } else {
      slope = 0
      slopeSigma = 0
      center = sums.y / sums.w
      centerSigma = (1 / sums.w).squareRoot()
    }
  }

  private static func fit(
    _ data: AmplitudeProjections, row: Int, _ geometry: ProjectionGeometry
  ) -> (center: Double, variance: Double, scatter: Double)? {
    let start = data.range(row: row).lowerBound
    let terms = geometry.pinhole == nil ? 3 : 5
    func course(_ t: Double) -> [Double] {
      Array([1, cos(t), sin(t), cos(2 * t), sin(2 * t)].prefix(terms))
    }
    var normal = Matrix(zeros: terms, terms)
    var right = [Double](repeating: 0, count: terms)
    var means: [Double] = []
    for angle in 0..<data.angles {
      var sum = 0.0
      var moment = 0.0
      for column in 0..<data.columns {
        let value = Double(data.first[start + angle * data.columns + column])
        sum += value
        moment += value * Double(column)
      }
      guard sum > 0 else { return nil }
      means.append(moment / sum)
    }
    for (angle, mean) in means.enumerated() {
      let row = course(geometry.angles[angle])
      for i in 0..<terms {
        for j in 0..<terms { normal[i, j] += row[i] * row[j] }
        right[i] += row[i] * mean
      }
    }
    guard means.count > terms + 1, let inverse = Cholesky(normal)?.inverse else { return nil }
    let solution = (0..<terms).map { i in (0..<terms).reduce(0.0) { $0 + inverse[i, $1] * right[$1] } }
    var squares = 0.0
    for (angle, mean) in means.enumerated() {
      let rest = zip(course(geometry.angles[angle]), solution).reduce(mean) { $0 - $1.0 * $1.1 }
      squares += rest * rest
    }
    let variance = squares / Double(means.count - terms)
    return (solution[0], variance * inverse[0, 0], variance.squareRoot())
  }
}
