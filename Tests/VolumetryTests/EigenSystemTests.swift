import Foundation
import Testing
import Volumetry

@Suite struct EigenSystemTests {
  /// The second difference has the eigenvalues 2 - 2 cos(k pi / (n + 1)).
  @Test(arguments: [1, 2, 3, 17, 120]) func secondDifference(_ n: Int) throws {
    var matrix = Matrix(zeros: n, n)
    for i in 0..<n {
      matrix[i, i] = 2
      if i > 0 {
        matrix[i, i - 1] = -1
        matrix[i - 1, i] = -1
      }
    }
    let system = try EigenSystem(matrix)
    for k in 0..<n {
      #expect(abs(system.values[k] - (2 - 2 * cos(Double(k + 1) * .pi / Double(n + 1)))) < 1e-13)
    }
  }

  /// A full matrix with equal eigenvalues comes back from its parts, and the vectors are orthonormal.
  @Test func backAgain() throws {
    let n = 60
    var random = SeededGenerator(seed: 3)
    var basis = Matrix(zeros: n, n)
    for i in 0..<n { for j in 0..<n { basis[i, j] = random.normal() } }
    let vectors = try EigenSystem(basis.transposed * basis).vectors
    let values = (0..<n).map { Double($0 / 3) - 5 }
    var scaled = vectors
    for i in 0..<n { for j in 0..<n { scaled[i, j] *= values[j] } }
    let matrix = scaled * vectors.transposed
    let system = try EigenSystem(matrix)
    let unit = system.vectors.transposed * system.vectors
    var parts = system.vectors
    for i in 0..<n { for j in 0..<n { parts[i, j] *= system.values[j] } }
    let back = parts.times(system.vectors.transposed, threads: 2)
    for i in 0..<n {
      #expect(abs(system.values[i] - values[i]) < 1e-12)
      for j in 0..<n {
        #expect(abs(unit[i, j] - (i == j ? 1 : 0)) < 1e-12)
        #expect(abs(back[i, j] - matrix[i, j]) < 1e-12)
      }
    }
  }

  @Test func productsAgree() {
    var random = SeededGenerator(seed: 5)
    func matrix(_ rows: Int, _ columns: Int) -> Matrix {
      Matrix(rows: rows, columns: columns, elements: (0..<(rows * columns)).map { _ in random.normal() })
    }
    let (a, b) = (matrix(7, 11), matrix(11, 5))
    let plain = a * b
    for threads in [1, 3] { #expect(a.times(b, threads: threads) == plain) }
    let vector = (0..<7).map { _ in random.normal() }
    let both = zip(a.transposedTimes(vector), a.transposed * vector)
    for (one, other) in both { #expect(abs(one - other) < 1e-13) }
    let other = matrix(7, 11)
    let sum = zip(a.elements, other.elements).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(a.elementwiseSum(other) - sum) < 1e-12)
  }
}
