import Foundation
import Volumetry

/// Mutual information of two lists of values, in nats, on cells of equal numbers of values.
///
/// It is that of the cells: few cells hold less than the values themselves do. The equivalent coefficient is free of
/// that, since the same cells of a bivariate normal are what it is read from.
public struct MutualInformation: Sendable, Codable, Equatable {
  /// Without what there is by chance, not below zero.
  public let nats: Double
  /// Of the histogram as it is.
  public let uncorrected: Double
  /// Size of the coefficient of the bivariate normal whose cells hold as much.
  public let equivalentCorrelation: Double
  public let bins: Int
  /// Interval of `nats`; nil where neighbours were not asked.
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

  /// What there is by chance is that of the histogram (Miller and Madow).
  ///
  /// - Parameters:
  ///   - bins: per side; nil takes the cube root of `effectiveCount`, from 3 to 20.
  ///   - effectiveCount: number of independent values, for the bias; nil takes all.
  public init(_ x: [Double], _ y: [Double], bins: Int? = nil, effectiveCount: Double? = nil) {
    precondition(x.count == y.count && !x.isEmpty)
    let independent = min(Double(x.count), max(1, effectiveCount ?? Double(x.count)))
    let k = bins.map { max(2, min(20, $0)) } ?? Self.bins(independent)
    let table = JointCells(Self.cells(x, k), Self.cells(y, k), bins: k)
    let bias = Double((table.usedRows - 1) * (table.usedColumns - 1)) / (2 * independent)
    self.init(uncorrected: table.information, nats: max(0, table.information - bias), bins: k)
  }

  init(uncorrected: Double, nats: Double, bins: Int) {
    self.uncorrected = uncorrected
    self.nats = nats
    self.bins = bins
    equivalentCorrelation = NormalCells(bins).correlation(information: nats)
  }

  static func bins(_ independent: Double) -> Int { max(3, min(20, Int(cbrt(independent).rounded()))) }

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

  init(_ a: [Int], _ b: [Int], bins k: Int) {
    var joint = [Int](repeating: 0, count: k * k)
    for i in a.indices { joint[a[i] * k + b[i]] += 1 }
    self.init(joint, bins: k, count: a.count)
  }

  /// - Parameters:
  ///   - places: of `a`, each once.
  ///   - b: of each of these places.
  init(_ a: [Int], inOrder places: [Int], _ b: [Int], bins k: Int) {
    var joint = [Int](repeating: 0, count: k * k)
    for (i, place) in places.enumerated() { joint[a[place] * k + b[i]] += 1 }
    self.init(joint, bins: k, count: a.count)
  }

  private init(_ joint: [Int], bins k: Int, count: Int) {
    let n = Double(count)
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

/// A bivariate normal in cells of equal shares.
struct NormalCells {
  private let bins: Int
  /// Places with equal shares between them, the same number in every cell.
  private let places: [Double]
  private let borders: [Double]
  private static let placesInCell = 24

  init(_ bins: Int) {
    self.bins = bins
    let all = bins * Self.placesInCell
    places = (0..<all).map { Distributions.normalQuantile((Double($0) + 0.5) / Double(all)) }
    borders = (1..<max(1, bins)).map { Distributions.normalQuantile(Double($0) / Double(bins)) }
  }

  /// In nats, for a coefficient from 0 to below 1.
  func information(correlation r: Double) -> Double {
    let width = (1 - r * r).squareRoot()
    var sum = 0.0
    for row in 0..<bins {
      var shares = [Double](repeating: 0, count: bins)
      for place in places[(row * Self.placesInCell)..<((row + 1) * Self.placesInCell)] {
        var below = 0.0
        for column in 0..<bins {
          let upTo =
            column < borders.count ? Distributions.normalCDF((borders[column] - r * place) / width) : 1
          shares[column] += (upTo - below) / Double(Self.placesInCell)
          below = upTo
        }
      }
      for share in shares where share > 0 { sum += share / Double(bins) * log(share * Double(bins)) }
    }
    return max(0, sum)
  }

  func correlation(information nats: Double) -> Double {
    guard nats > 0 else { return 0 }
    var low = 0.0
    var high = 0.99999
    guard information(correlation: high) > nats else { return 1 }
    for _ in 0..<30 {
      let middle = 0.5 * (low + high)
      if information(correlation: middle) < nats { low = middle } else { high = middle }
    }
    return 0.5 * (low + high)
  }
}
