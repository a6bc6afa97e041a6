import Foundation

/// The exact distributions of Spearman's and Kendall's coefficients of a few values, ties included: all orders of one side, each as
/// likely as the others.
enum ExactRanks {
  /// Values at most: the orders of nine are 362880.
  static let most = 9

  /// Two-sided p value: share of the orders whose coefficient is at least as far from zero.
  ///
  /// - Parameters:
  ///   - x: ranks, at most ``most``.
  ///   - coefficient: which is asked about.
  static func tail(_ x: [Double], _ y: [Double], coefficient: Double) -> TailProbability {
    precondition(x.count == y.count && x.count <= most)
    let n = x.count
    let (mx, my) = (mean(x), mean(y))
    let a = x.map { $0 - mx }
    let b = y.map { $0 - my }
    let size = (a.reduce(0) { $0 + $1 * $1 } * b.reduce(0) { $0 + $1 * $1 }).squareRoot()
    guard size > 0, coefficient.isFinite else { return TailProbability(logarithm: 0) }
    // Sums of whole and half numbers are exact; the bound allows for the rounding of the coefficient.
    let bound = abs(coefficient) * size * (1 - 1e-9)
    return share(n, reaching: bound) { i, order in a[i] * b[order[i]] }
  }

  /// Two-sided p value of Kendall's score: share of the orders whose agreeing less disagreeing pairs are at least as far
  /// from zero.
  ///
  /// - Parameter x: values, at most ``most``.
  static func tail(_ x: [Double], _ y: [Double], score: Double) -> TailProbability {
    precondition(x.count == y.count && x.count <= most)
    let n = x.count
    func signs(_ values: [Double]) -> [[Int]] {
      values.map { a in values.map { b in a > b ? 1 : a < b ? -1 : 0 } }
    }
    let (first, second) = (signs(x), signs(y))
    return share(n, reaching: abs(score).rounded()) { i, order in
      var added = 0
      for j in 0..<i { added += first[i][j] * second[order[i]][order[j]] }
      return Double(added)
    }
  }

  /// Share of the orders of n places whose sum lies at least so far from zero.
  ///
  /// - Parameter term: what place i adds, with the order up to it.
  private static func share(
    _ n: Int, reaching bound: Double, _ term: (_ i: Int, _ order: [Int]) -> Double
  ) -> TailProbability {
    var order = [Int](repeating: 0, count: n)
    var used = [Bool](repeating: false, count: n)
    var reached = 0
    var all = 0
    func place(_ i: Int, _ sum: Double) {
      if i == n {
        all += 1
        if abs(sum) >= bound { reached += 1 }
        return
      }
      for k in 0..<n where !used[k] {
        used[k] = true
        order[i] = k
        place(i + 1, sum + term(i, order))
        used[k] = false
      }
    }
    place(0, 0)
    return TailProbability(logarithm: log(Double(max(1, reached)) / Double(all)))
  }
}
