/// Eigen decomposition of one symmetric 3x3 matrix in double precision, by Jacobi rotations.
public struct SymmetricEigen: Sendable, Hashable {
  /// Largest first.
  public let values: SIMD3<Double>
  /// Unit eigenvectors (x, y, z) in the order of the values, each with z >= 0.
  public let vectors: [SIMD3<Double>]

  public init(xx: Double, yy: Double, zz: Double, xy: Double, xz: Double, yz: Double) {
    var a = [[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]
    var v = [[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]]
    for _ in 0..<32 {
      let off = a[0][1] * a[0][1] + a[0][2] * a[0][2] + a[1][2] * a[1][2]
      let all = a[0][0] * a[0][0] + a[1][1] * a[1][1] + a[2][2] * a[2][2]
      if !(off > 1e-34 * all) { break }
      for (p, q) in [(0, 1), (0, 2), (1, 2)] where a[p][q] != 0 {
        let theta = (a[q][q] - a[p][p]) / (2 * a[p][q])
        let t = (theta >= 0 ? 1.0 : -1.0) / (abs(theta) + (theta * theta + 1).squareRoot())
        let c = 1 / (t * t + 1).squareRoot()
        let s = t * c
        for k in 0..<3 {
          (a[k][p], a[k][q]) = (c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q])
        }
        for k in 0..<3 {
          (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k])
          (v[k][p], v[k][q]) = (c * v[k][p] - s * v[k][q], s * v[k][p] + c * v[k][q])
        }
      }
    }
    let order = [0, 1, 2].sorted { a[$0][$0] > a[$1][$1] }
    values = SIMD3(a[order[0]][order[0]], a[order[1]][order[1]], a[order[2]][order[2]])
    vectors = order.map { k in
      let vector = SIMD3(v[0][k], v[1][k], v[2][k])
      let flip = vector.z < 0 || (vector.z == 0 && (vector.y < 0 || (vector.y == 0 && vector.x < 0)))
      return flip ? -vector : vector
    }
  }
}
