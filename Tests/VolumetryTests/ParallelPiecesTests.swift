import Testing
import Volumetry

@Suite struct ParallelPiecesTests {
  /// Pieces of different lengths in both arrays, some empty: every element is changed once.
  @Test(arguments: [1, 2, 3, 8])
  func piecesOfTwoArrays(_ threads: Int) {
    var values = [Int](repeating: 0, count: 20)
    var sums = [Int](repeating: -1, count: 6)
    let cuts = [2, 5, 5, 11, 12, 20]
    Parallel.forEachPiece(of: &values, cuts: cuts, and: &sums, cuts: Array(0...5), threads: threads) {
      index, piece, sum in
      for i in piece.indices { piece[i] += 10 * index + i }
      sum[0] = piece.count
    }
    #expect(values == [0, 0, 0, 1, 2, 20, 21, 22, 23, 24, 25, 30, 40, 41, 42, 43, 44, 45, 46, 47])
    #expect(sums == [3, 0, 6, 1, 8, -1])
  }

  @Test func emptyArrays() {
    var none: [Float] = []
    var sums: [Double] = []
    Parallel.forEachPiece(of: &none, cuts: [0], and: &sums, cuts: [0]) { _, _, _ in
      Issue.record("there is no piece")
    }
    #expect(Parallel.cuts(of: 10, stride: 4) == [0, 4, 8, 10])
    #expect(Parallel.cuts(of: 0, stride: 4) == [0])
  }
}
