/// Control of false discoveries over many tests.
public enum FalseDiscovery {
  public enum Method: String, Sendable, Codable {
    /// For tests that are independent or positively dependent (Benjamini and Hochberg, J. R. Stat. Soc. B 57
    /// (1995) 289).
    case benjaminiHochberg = "benjamini_hochberg"
    /// For any dependence (Benjamini and Yekutieli, Ann. Stat. 29 (2001) 1165).
    case benjaminiYekutieli = "benjamini_yekutieli"
  }

  /// Adjusted p values in the order of the input: rejecting those below q keeps the expected share of false
  /// ones among the rejected below q. NaN stay NaN and do not count as tests.
  public static func adjust(_ pValues: [Double], method: Method) -> [Double] {
    let order = pValues.indices.filter { !pValues[$0].isNaN }.sorted {
      (pValues[$0], $0) < (pValues[$1], $1)
    }
    let m = Double(order.count)
    let factor =
      method == .benjaminiHochberg ? 1.0 : (1...max(1, order.count)).reduce(0.0) { $0 + 1 / Double($1) }
    var adjusted = [Double](repeating: .nan, count: pValues.count)
    var least = 1.0
    for (rank, index) in order.enumerated().reversed() {
      least = min(least, pValues[index] * m * factor / Double(rank + 1))
      adjusted[index] = least
    }
    return adjusted
  }
}
