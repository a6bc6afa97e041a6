import Volumetry

/// Mean of one quantity in bins of another.
public struct BinnedProfile: Sendable, Codable, Equatable {
  public struct Bin: Sendable, Codable, Equatable {
    public let low: Double
    public let high: Double
    /// Mean of the binned quantity.
    public let center: Double
    public let voxels: Int
    public let mean: Double
    /// Interval of the mean, from the scatter and the effective number of voxels.
    public let meanLow: Double
    public let meanHigh: Double
    public let standardDeviation: Double
    public let lowerQuartile: Double
    public let median: Double
    public let upperQuartile: Double

    enum CodingKeys: String, CodingKey {
      case low, high, center, voxels, mean, median
      case meanLow = "mean_low"
      case meanHigh = "mean_high"
      case standardDeviation = "standard_deviation"
      case lowerQuartile = "lower_quartile"
      case upperQuartile = "upper_quartile"
    }
  }

  public let bins: [Bin]

  /// Bins of equal width from the least to the greatest value; empty ones are left out.
  public init(equalWidth count: Int, of pair: FieldPair, effective: Double, confidence: Double = 0.95) {
    let low = pair.x.min() ?? 0
    let high = pair.x.max() ?? 1
    let n = max(1, count)
    self.init(
      edges: (0...n).map { low + (high - low) * Double($0) / Double(n) }, of: pair, effective: effective,
      confidence: confidence)
  }

  /// Bins with equal numbers of voxels (ties may make them unequal).
  public init(equalCount count: Int, of pair: FieldPair, effective: Double, confidence: Double = 0.95) {
    let sorted = pair.x.sorted()
    let n = max(1, count)
    var edges: [Double] = []
    for k in 0...n {
      let edge = Quantiles.quantile(sorted: sorted, Double(k) / Double(n))
      if edges.last.map({ edge > $0 }) ?? true { edges.append(edge) }
    }
    self.init(edges: edges, of: pair, effective: effective, confidence: confidence)
  }

  /// - Parameters:
  ///   - edges: rising; the last bin includes its upper edge.
  ///   - effective: independent voxels of the whole pair; a bin has its share of them.
  public init(edges: [Double], of pair: FieldPair, effective: Double, confidence: Double = 0.95) {
    let reach = Distributions.normalQuantile(0.5 + 0.5 * confidence)
    let share = min(1, effective / Double(pair.count))
    var groups = [[Int]](repeating: [], count: max(0, edges.count - 1))
    for i in pair.x.indices {
      guard let first = edges.first, let last = edges.last, pair.x[i] >= first, pair.x[i] <= last,
        !groups.isEmpty
      else { continue }
      var low = 0
      var high = groups.count - 1
      while low < high {
        let middle = (low + high + 1) / 2
        if edges[middle] <= pair.x[i] { low = middle } else { high = middle - 1 }
      }
      groups[low].append(i)
    }
    bins = groups.enumerated().compactMap { index, members in
      guard !members.isEmpty else { return nil }
      var x = Moments()
      var y = Moments()
      for i in members {
        x.add(pair.x[i])
        y.add(pair.y[i])
      }
      let sorted = members.map { pair.y[$0] }.sorted()
      let spread = members.count > 1 ? y.standardDeviation : 0
      let error = spread / max(1, share * Double(members.count)).squareRoot()
      return Bin(
        low: edges[index], high: edges[index + 1], center: x.mean, voxels: members.count, mean: y.mean,
        meanLow: y.mean - reach * error, meanHigh: y.mean + reach * error, standardDeviation: spread,
        lowerQuartile: Quantiles.quantile(sorted: sorted, 0.25),
        median: Quantiles.quantile(sorted: sorted, 0.5),
        upperQuartile: Quantiles.quantile(sorted: sorted, 0.75))
    }
  }
}
