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

  enum CodingKeys: String, CodingKey {
    case nats, uncorrected, bins
    case equivalentCorrelation = "equivalent_correlation"
  }

  /// - Parameters:
  ///   - bins: per side; nil takes the cube root of `effectiveCount`, from 3 to 20.
  ///   - effectiveCount: number of independent values, for the bias; nil takes all.
  public init(_ x: [Double], _ y: [Double], bins: Int? = nil, effectiveCount: Double? = nil) {
    precondition(x.count == y.count && !x.isEmpty)
    let n = x.count
    let independent = min(Double(n), max(1, effectiveCount ?? Double(n)))
    let wanted = bins ?? Int(cbrt(independent).rounded())
    let k = max(2, min(20, max(bins == nil ? 3 : 2, wanted)))
    func cells(_ values: [Double]) -> [Int] {
      Correlations.ranks(values).map { min(k - 1, Int(($0 - 0.5) / Double(n) * Double(k))) }
    }
    let a = cells(x)
    let b = cells(y)
    var joint = [Double](repeating: 0, count: k * k)
    for i in 0..<n { joint[a[i] * k + b[i]] += 1 / Double(n) }
    var rows = [Double](repeating: 0, count: k)
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
        sum += joint[i * k + j] * log(joint[i * k + j] / (rows[i] * columns[j]))
      }
    }
    let usedRows = rows.filter { $0 > 0 }.count
    let usedColumns = columns.filter { $0 > 0 }.count
    let bias = Double((usedRows - 1) * (usedColumns - 1)) / (2 * independent)
    uncorrected = max(0, sum)
    nats = max(0, sum - bias)
    equivalentCorrelation = (1 - exp(-2 * nats)).squareRoot()
    self.bins = k
  }
}
