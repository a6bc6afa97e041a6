extension Matrix {
  /// Whether numbers can be the covariance of something: square, finite, symmetric, no variance negative, no
  /// correlation beyond one (up to `tolerance` of rounding).
  ///
  /// The matrix of correlations is factored by Cholesky's scheme; a negative pivot is a direction of negative variance.
  package static func isCovariance(_ rows: [[Double]], tolerance: Double = 1e-6) -> Bool {
    let count = rows.count
    guard rows.allSatisfy({ $0.count == count && $0.allSatisfy(\.isFinite) }) else { return false }
    var deviations: [Double] = []
    for index in 0..<count {
      guard rows[index][index] >= 0 else { return false }
      deviations.append(rows[index][index].squareRoot())
    }
    var factor = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
    for row in 0..<count {
      for column in 0...row {
        let scale = deviations[row] * deviations[column]
        let (value, mirrored) = (rows[row][column], rows[column][row])
        guard abs(value - mirrored) <= tolerance * scale else { return false }
        // What does not vary goes with nothing.
        guard scale > 0 else {
          guard value == 0 else { return false }
          continue
        }
        var rest = value / scale
        for k in 0..<column { rest -= factor[row][k] * factor[column][k] }
        if row == column {
          guard rest >= -tolerance else { return false }
          factor[row][row] = max(rest, 0).squareRoot()
        } else if factor[column][column] > tolerance.squareRoot() {
          factor[row][column] = rest / factor[column][column]
        } else if abs(rest) > tolerance.squareRoot() {
          return false
        }
      }
    }
    return true
  }
}
