import Foundation

/// Mutual information of two lists of values, in nats, on cells of equal numbers of values.
public struct MutualInformation: Sendable, Codable, Equatable {
  /// After the correction for the bias of the histogram (Miller and Madow), not below zero.
  public let nats: Double
  /// Of the histogram as it is.
  public let uncorrected: Double
  /// Equivalent coefficient of a bivariate normal: `sqrt(1 - exp(-2 I))`.
  public let equivalentCorrelation: Double
  public let bins: Int
  /// Interval of `nats` by a block bootstrap; nil where it was not asked for.
  public var interval: Estimate?
  /// Share of fields without relation, as smooth as the second one, that reach the information; one of
  /// `surrogates + 1` at least.
  public var pValue: Double?
  public var surrogates: Int?
  /// Adjusted for all tests of a report (Benjamini and Hochberg).
  public var qValue: Double?

  enum CodingKeys: String, CodingKey {
    case nats, uncorrected, bins, interval, surrogates
    case equivalentCorrelation = "equivalent_correlation"
    case pValue = "p_value"
    case qValue = "q_value"
  }

  /// - Parameters:
  ///   - bins: per side; nil takes the cube root of `effectiveCount`, from 3 to 20.
  ///   - effectiveCount: number of independent values, for the bias; nil takes all.
  public init(_ x: [Double], _ y: [Double], bins: Int? = nil, effectiveCount: Double? = nil) {
    precondition(x.count == y.count && !x.isEmpty)
    let independent = min(Double(x.count), max(1, effectiveCount ?? Double(x.count)))
    let wanted = bins ?? Int(cbrt(independent).rounded())
    let k = max(2, min(20, max(bins == nil ? 3 : 2, wanted)))
    let table = JointCells(Self.cells(x, k), Self.cells(y, k), bins: k)
    uncorrected = table.information
    let bias = Double((table.usedRows - 1) * (table.usedColumns - 1)) / (2 * independent)
    nats = max(0, uncorrected - bias)
    equivalentCorrelation = (1 - exp(-2 * nats)).squareRoot()
    self.bins = k
  }

  /// Cell of every value, with equal numbers of values in each.
  static func cells(_ values: [Double], _ k: Int) -> [Int] {
    let n = Double(values.count)
    return Correlations.ranks(values).map { min(k - 1, Int(($0 - 0.5) / n * Double(k))) }
  }
}

/// Shares of pairs of values in cells.
struct JointCells {
  let information: Double
  let usedRows: Int
  let usedColumns: Int

  /// - Parameter chosen: positions that count, which may repeat; nil for all once.
  init(_ a: [Int], _ b: [Int], bins k: Int, chosen: [Int]? = nil) {
    var joint = [Int](repeating: 0, count: k * k)
    if let chosen {
      for i in chosen { joint[a[i] * k + b[i]] += 1 }
    } else {
      for i in a.indices { joint[a[i] * k + b[i]] += 1 }
    }
    let n = Double(chosen?.count ?? a.count)
    var rows = [Int](repeating: 0, count: k)
    var columns = rows
    for i in 0..<k {
      for j in 0..<k {
        rows[i] += joint[i * k + j]
        columns[j] += joint[i * k + j]
      }
    }
    var sum = 0.0
    for i in 0..<k {
      for j in 0..<k where joint[i * k + j] > 0 {
        let share = Double(joint[i * k + j])
        sum += share / n * log(share * n / (Double(rows[i]) * Double(columns[j])))
      }
    }
    information = max(0, sum)
    usedRows = rows.count { $0 > 0 }
    usedColumns = columns.count { $0 > 0 }
  }
}
