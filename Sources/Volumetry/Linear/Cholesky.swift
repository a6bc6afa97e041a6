/// Factor L of a symmetric positive definite matrix A = L L^T.
///
/// The matrix is first scaled to a unit diagonal, so that parameters of very different size do not
/// spoil the test of definiteness.
public struct Cholesky: Sendable {
  private let factor: Matrix
  private let scale: [Double]

  /// Nil where the matrix is not positive definite within rounding: its parameters cannot be told
  /// apart. `tolerance` is the smallest pivot of the scaled matrix that counts as positive.
  public init?(_ matrix: Matrix, tolerance: Double = 1e-13) {
    let n = matrix.rows
    guard n == matrix.columns else { return nil }
    var scale = [Double](repeating: 1, count: n)
    for i in 0..<n {
      let diagonal = matrix[i, i]
      guard diagonal > 0, diagonal.isFinite else { return nil }
      scale[i] = 1 / diagonal.squareRoot()
    }
    var l = Matrix(zeros: n, n)
    for j in 0..<n {
      for i in j..<n {
        var sum = matrix[i, j] * scale[i] * scale[j]
        for k in 0..<j { sum -= l[i, k] * l[j, k] }
        if i == j {
          guard sum > tolerance else { return nil }
          l[j, j] = sum.squareRoot()
        } else {
          l[i, j] = sum / l[j, j]
        }
      }
    }
    factor = l
    self.scale = scale
  }

  /// The factor L of A itself.
  public var lower: Matrix {
    var result = factor
    for i in 0..<scale.count { for k in 0...i { result[i, k] /= scale[i] } }
    return result
  }

  /// Solves A x = b.
  public func solve(_ b: [Double]) -> [Double] {
    let n = scale.count
    var x = [Double](repeating: 0, count: n)
    for i in 0..<n {
      var sum = b[i] * scale[i]
      for k in 0..<i { sum -= factor[i, k] * x[k] }
      x[i] = sum / factor[i, i]
    }
    for i in stride(from: n - 1, through: 0, by: -1) {
      var sum = x[i]
      for k in (i + 1)..<n { sum -= factor[k, i] * x[k] }
      x[i] = sum / factor[i, i]
    }
    for i in 0..<n { x[i] *= scale[i] }
    return x
  }

  /// The inverse matrix: the covariance, where A is an information matrix.
  public var inverse: Matrix {
    let n = scale.count
    var result = Matrix(zeros: n, n)
    for j in 0..<n {
      var unit = [Double](repeating: 0, count: n)
      unit[j] = 1
      let column = solve(unit)
      for i in 0..<n { result[i, j] = column[i] }
    }
    for i in 0..<n {
      for j in 0..<i {
        let mean = 0.5 * (result[i, j] + result[j, i])
        result[i, j] = mean
        result[j, i] = mean
      }
    }
    return result
  }
}
