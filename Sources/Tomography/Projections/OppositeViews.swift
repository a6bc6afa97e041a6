/// Views from opposite sides show the same of a sample that absorbs nothing.
public enum OppositeViews {
  /// Root mean square difference of views half a turn apart over their root mean square, beyond what counts explain.
  ///
  /// - Parameter centers: column of the axis at each row.
  /// - Returns: nil where no two views are opposite, and through a pinhole, which shows each side larger than the other.
  public static func difference(
    _ data: AmplitudeProjections, _ geometry: ProjectionGeometry, centers: [Double]
  ) -> Double? {
    guard geometry.pinhole == nil else { return nil }
    let pairs = pairs(geometry)
    guard !pairs.isEmpty else { return nil }
    var excess = 0.0
    var size = 0.0
    for row in 0..<data.rows {
      let start = data.range(row: row).lowerBound
      for (here, there) in pairs {
        for column in 0..<data.columns {
          let place = 2 * centers[row] - Double(column)
          let low = Int(place.rounded(.down))
          guard low >= 0, low + 1 < data.columns || place == Double(low), low < data.columns else { continue }
          let part = place - Double(low)
          let high = min(low + 1, data.columns - 1)
          let first = Double(data.first[start + here * data.columns + column])
          let behind =
            (1 - part) * Double(data.first[start + there * data.columns + low])
            + part * Double(data.first[start + there * data.columns + high])
          let noise = data.noise[row * data.columns + column].covariance(first: first).x
          let share = 1 + (1 - part) * (1 - part) + part * part
          excess += (first - behind) * (first - behind) - share * noise
          size += 0.5 * (first * first + behind * behind)
        }
      }
    }
    return size > 0 ? (max(0, excess) / size).squareRoot() : nil
  }

  /// Views that are half a turn apart, to a thousandth of a turn.
  private static func pairs(_ geometry: ProjectionGeometry) -> [(Int, Int)] {
    var pairs: [(Int, Int)] = []
    for here in geometry.angles.indices {
      for there in geometry.angles.indices where there > here {
        let turn = abs(geometry.angles[there] - geometry.angles[here]) / (2 * .pi)
        if abs(turn - turn.rounded(.down) - 0.5) < 1e-3 { pairs.append((here, there)) }
      }
    }
    return pairs
  }
}
