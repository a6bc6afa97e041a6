import Foundation

/// Eigenvalues and eigenvectors of a real symmetric matrix of any size.
///
/// Householder's reduction to tridiagonal form and QL steps with implicit shifts (R. S. Martin, C. Reinsch, J. H. Wilkinson, Numer.
/// Math. 11 (1968) 181; A. Dubrulle, R. S. Martin, J. H. Wilkinson, Numer. Math. 12 (1968) 377). The cost is some ten n^3 operations.
public struct EigenSystem: Sendable {
  /// Smallest first.
  public let values: [Double]
  /// Unit eigenvectors in the columns, in the order of the values.
  public let vectors: Matrix

  /// - Parameter matrix: symmetric and finite; what lies above the diagonal is not looked at.
  /// - Throws: `internal` where the steps do not converge, as with numbers that are not finite.
  public init(_ matrix: Matrix) throws(VoxelithError) {
    let n = matrix.rows
    precondition(n == matrix.columns && n > 0)
    // Rows of `z` are columns of the transformation, so that all inner loops run along rows.
    var z = [Double](repeating: 0, count: n * n)
    var d = [Double](repeating: 0, count: n)
    var e = d
    for i in 0..<n { for j in 0...i { z[i * n + j] = matrix[i, j] } }
    Self.tridiagonalize(&z, &d, &e, n)
    var rows = [Double](repeating: 0, count: n * n)
    for i in 0..<n { for j in 0..<n { rows[j * n + i] = z[i * n + j] } }
    try Self.diagonalize(&rows, &d, &e, n)
    let order = (0..<n).sorted { d[$0] < d[$1] }
    values = order.map { d[$0] }
    var result = Matrix(zeros: n, n)
    for (column, source) in order.enumerated() {
      for row in 0..<n { result[row, column] = rows[source * n + row] }
    }
    vectors = result
  }

  /// `z` becomes the orthogonal transformation, `d` the diagonal, `e` what lies below it.
  private static func tridiagonalize(_ z: inout [Double], _ d: inout [Double], _ e: inout [Double], _ n: Int)
  {
    var i = n - 1
    while i >= 1 {
      var h = 0.0
      if i > 1 {
        var scale = 0.0
        for k in 0..<i { scale += abs(z[i * n + k]) }
        if scale == 0 {
          e[i] = z[i * n + i - 1]
        } else {
          for k in 0..<i {
            z[i * n + k] /= scale
            h += z[i * n + k] * z[i * n + k]
          }
          let f = z[i * n + i - 1]
          let g = f >= 0 ? -h.squareRoot() : h.squareRoot()
          e[i] = scale * g
          h -= f * g
          z[i * n + i - 1] = f - g
          for j in 0..<i { e[j] = 0 }
          // p = A u, of which only the lower triangle is stored.
          for j in 0..<i {
            let u = z[i * n + j]
            var sum = z[j * n + j] * u
            for k in 0..<j {
              sum += z[j * n + k] * z[i * n + k]
              e[k] += z[j * n + k] * u
            }
            e[j] += sum
          }
          var product = 0.0
          for j in 0..<i {
            z[j * n + i] = z[i * n + j] / h
            e[j] /= h
            product += e[j] * z[i * n + j]
          }
          let half = product / (h + h)
          for j in 0..<i {
            let f = z[i * n + j]
            e[j] -= half * f
            let g = e[j]
            for k in 0...j { z[j * n + k] -= f * e[k] + g * z[i * n + k] }
          }
        }
      } else {
        e[i] = z[i * n + i - 1]
      }
      d[i] = h
      i -= 1
    }
    d[0] = 0
    e[0] = 0
    var g = [Double](repeating: 0, count: n)
    for i in 0..<n {
      if d[i] != 0 {
        for j in 0..<i { g[j] = 0 }
        for k in 0..<i {
          let factor = z[i * n + k]
          for j in 0..<i { g[j] += factor * z[k * n + j] }
        }
        for k in 0..<i {
          let factor = z[k * n + i]
          for j in 0..<i { z[k * n + j] -= g[j] * factor }
        }
      }
      d[i] = z[i * n + i]
      z[i * n + i] = 1
      for j in 0..<i {
        z[j * n + i] = 0
        z[i * n + j] = 0
      }
    }
  }

  private static func diagonalize(
    _ rows: inout [Double], _ d: inout [Double], _ e: inout [Double], _ n: Int
  ) throws(VoxelithError) {
    for i in 1..<max(1, n) { e[i - 1] = e[i] }
    e[n - 1] = 0
    for l in 0..<n {
      var steps = 0
      while true {
        var m = l
        while m < n - 1 {
          let size = abs(d[m]) + abs(d[m + 1])
          if abs(e[m]) <= 1.2e-16 * size { break }
          m += 1
        }
        if m == l { break }
        steps += 1
        guard steps <= 60 else {
          throw VoxelithError(.internal, "the eigenvalues of a matrix of \(n) rows do not converge")
        }
        var g = (d[l + 1] - d[l]) / (2 * e[l])
        var r = (g * g + 1).squareRoot()
        g = d[m] - d[l] + e[l] / (g + (g >= 0 ? abs(r) : -abs(r)))
        var (s, c, p) = (1.0, 1.0, 0.0)
        var i = m - 1
        var isSplit = false
        while i >= l {
          let f = s * e[i]
          let b = c * e[i]
          r = hypot(f, g)
          e[i + 1] = r
          if r == 0 {
            d[i + 1] -= p
            e[m] = 0
            isSplit = true
            break
          }
          s = f / r
          c = g / r
          g = d[i + 1] - p
          r = (d[i] - g) * s + 2 * c * b
          p = s * r
          d[i + 1] = g + p
          g = c * r - b
          rotate(&rows, i, n, cosine: c, sine: s)
          i -= 1
        }
        if isSplit { continue }
        d[l] -= p
        e[l] = g
        e[m] = 0
      }
    }
  }

  /// Turns rows `i` and `i + 1` against each other.
  private static func rotate(_ rows: inout [Double], _ i: Int, _ n: Int, cosine c: Double, sine s: Double) {
    var span = rows.mutableSpan
    for k in 0..<n {
      let upper = span[i * n + k]
      let lower = span[i * n + n + k]
      span[i * n + n + k] = s * upper + c * lower
      span[i * n + k] = c * upper - s * lower
    }
  }
}
