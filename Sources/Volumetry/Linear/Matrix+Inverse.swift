extension Matrix {
  /// The inverse by elimination with row pivots; nil where the matrix is singular within rounding or not square.
  ///
  /// For symmetric positive definite matrices use ``Cholesky``, which also tells whether they are.
  public var inverse: Matrix? {
    guard rows == columns else { return nil }
    let n = rows
    var left = self
    var right = Matrix(identity: n)
    var size = (0..<n).map { i in (0..<n).reduce(0.0) { max($0, abs(self[i, $1])) } }
    for column in 0..<n {
      guard
        let pivot = (column..<n).max(by: {
          abs(left[$0, column]) * size[$1] < abs(left[$1, column]) * size[$0]
        }), abs(left[pivot, column]) > 1e-13 * size[pivot], left[pivot, column].isFinite
      else { return nil }
      size.swapAt(pivot, column)
      for j in 0..<n where pivot != column {
        (left[pivot, j], left[column, j]) = (left[column, j], left[pivot, j])
        (right[pivot, j], right[column, j]) = (right[column, j], right[pivot, j])
      }
      let scale = 1 / left[column, column]
      for j in 0..<n {
        left[column, j] *= scale
        right[column, j] *= scale
      }
      for i in 0..<n where i != column {
        let factor = left[i, column]
        if factor == 0 { continue }
        for j in 0..<n {
          left[i, j] -= factor * left[column, j]
          right[i, j] -= factor * right[column, j]
        }
      }
    }
    return right
  }
}
