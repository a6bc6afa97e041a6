import Foundation

/// Kendall's tau-b of two lists with what its significance needs, in n log n (Knight, J. Am. Stat. Assoc. 61
/// (1966) 436).
public struct KendallTau: Sendable, Hashable {
  /// Agreeing less disagreeing pairs over the geometric mean of the pairs that are not tied in x and in y; NaN where
  /// a side is constant.
  public let value: Double
  public let count: Int
  /// Disagreeing pairs.
  public let discordant: Double
  /// Agreeing less disagreeing pairs.
  public let score: Double
  let tiesX: Ties
  let tiesY: Ties
  var hasTies: Bool { tiesX.pairs > 0 || tiesY.pairs > 0 }

  /// Sums over the groups of equal values.
  struct Ties: Sendable, Hashable {
    /// Pairs of equal values.
    var pairs = 0.0
    /// Sum of t (t - 1) (t - 2) and of t (t - 1) (2 t + 5) over groups of t.
    var triples = 0.0
    var weighted = 0.0

    mutating func add(_ run: Int) {
      let t = Double(run)
      pairs += 0.5 * t * (t - 1)
      triples += t * (t - 1) * (t - 2)
      weighted += t * (t - 1) * (2 * t + 5)
    }

    init(sorted values: [Double]) {
      var run = 1
      for k in values.indices.dropFirst() {
        if values[k] == values[k - 1] {
          run += 1
        } else {
          add(run)
          run = 1
        }
      }
      add(run)
    }
  }

  public init(_ x: [Double], _ y: [Double]) {
    precondition(x.count == y.count)
    let n = x.count
    count = n
    let order = (0..<n).sorted { (x[$0], y[$0]) < (x[$1], y[$1]) }
    tiesX = Ties(sorted: order.map { x[$0] })
    var tiedBoth = 0.0
    var run = 1
    for k in order.indices.dropFirst() {
      if x[order[k]] == x[order[k - 1]], y[order[k]] == y[order[k - 1]] {
        run += 1
      } else {
        tiedBoth += 0.5 * Double(run) * Double(run - 1)
        run = 1
      }
    }
    tiedBoth += 0.5 * Double(run) * Double(run - 1)
    var sequence = order.map { y[$0] }
    discordant = Self.mergeSwaps(&sequence)
    tiesY = Ties(sorted: sequence)
    let total = 0.5 * Double(n) * Double(n - 1)
    score = total - tiesX.pairs - tiesY.pairs + tiedBoth - 2 * discordant
    let norm = ((total - tiesX.pairs) * (total - tiesY.pairs)).squareRoot()
    value = norm > 0 ? min(1, max(-1, score / norm)) : .nan
  }

  /// Standard deviation of the score under no relation, ties included (Kendall, Rank Correlation Methods (1970),
  /// chapter 4), for independent voxels.
  var scoreDeviation: Double {
    let n = Double(count)
    guard count > 2 else { return 1 }
    let m = n * (n - 1)
    let variance =
      (m * (2 * n + 5) - tiesX.weighted - tiesY.weighted) / 18 + 2 * tiesX.pairs * tiesY.pairs / m
      + tiesX.triples * tiesY.triples / (9 * m * (n - 2))
    return max(0, variance).squareRoot()
  }

  /// By how much ties widen the scatter of tau-b: its variance under no relation over that of as many values without
  /// ties. Of two lists of two values each tau-b is Pearson's coefficient, and scatters as that does.
  var tieInflation: Double {
    let n = Double(count)
    let total = 0.5 * n * (n - 1)
    let norm = (total - tiesX.pairs) * (total - tiesY.pairs)
    guard count > 2, norm > 0 else { return 1 }
    let free = 2 * (2 * n + 5) / (9 * n * (n - 1))
    return scoreDeviation * scoreDeviation / norm / free
  }

  /// Two-sided p value.
  ///
  /// Independent voxels without ties have the exact distribution up to 33 of them, others the normal one with the
  /// variance of tied scores. Where only `effective` of the voxels are independent, the variance grows as that of
  /// tau does with fewer of them.
  ///
  /// - Parameter corrected: the coefficient without what errors share, where it differs from `value`.
  public func tail(effective: Double, corrected: Double? = nil) -> TailProbability {
    guard count > 1, value.isFinite else { return TailProbability(logarithm: 0) }
    let shift = corrected.map { value == 0 ? 1 : $0 / value } ?? 1
    let n = Double(count)
    let isIndependent = effective >= n
    if isIndependent, shift == 1, !hasTies {
      let total = 0.5 * n * (n - 1)
      let least = min(discordant, total - discordant)
      if count <= 33 || least <= 1 { return exact(least, total) }
    }
    func variance(_ k: Double) -> Double { 2 * (2 * k + 5) / (9 * k * (k - 1)) }
    let deviation = scoreDeviation
    guard deviation > 0 else { return TailProbability(logarithm: 0) }
    let loss = isIndependent ? 1 : variance(n) / variance(max(2, effective))
    return .normal(shift * score / deviation * loss.squareRoot())
  }

  /// Twice the share of the orders of n values with at most `least` exchanges.
  private func exact(_ least: Double, _ total: Double) -> TailProbability {
    guard count > 2, 2 * least < total else { return TailProbability(logarithm: 0) }
    if least < 2 {
      // One order has no exchange, n - 1 have one.
      let orders = least < 1 ? 1.0 : Double(count)
      return TailProbability(logarithm: log(2 * orders) - lgamma(Double(count) + 1))
    }
    // Shares of the orders of 1, 2, ... values by their exchanges: the next value adds 0 ... k of them.
    let most = Int(least)
    var shares = [Double](repeating: 0, count: most + 1)
    shares[0] = 1
    for k in 2...count {
      var next = shares
      for exchanges in 0...most {
        var sum = 0.0
        for added in 0...min(k - 1, exchanges) { sum += shares[exchanges - added] }
        next[exchanges] = sum / Double(k)
      }
      shares = next
    }
    return TailProbability(logarithm: min(0, log(2 * shares.reduce(0, +))))
  }

  /// Sorts and counts the exchanges of neighbours that bubble sort would need.
  private static func mergeSwaps(_ values: inout [Double]) -> Double {
    let n = values.count
    var swaps = 0.0
    var buffer = values
    var width = 1
    while width < n {
      var start = 0
      while start < n {
        let middle = min(start + width, n)
        let end = min(start + 2 * width, n)
        var i = start
        var j = middle
        for k in start..<end {
          if i < middle && (j >= end || values[i] <= values[j]) {
            buffer[k] = values[i]
            i += 1
          } else {
            buffer[k] = values[j]
            swaps += Double(middle - i)
            j += 1
          }
        }
        start += 2 * width
      }
      swap(&values, &buffer)
      width *= 2
    }
    return swaps
  }
}
