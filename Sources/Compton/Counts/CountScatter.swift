import Foundation
import Volumetry

/// The scatter of what one voxel's spectrum leaves of its neighbour's, over that of counts.
struct CountScatter {
  private(set) var pairs = 0
  /// By second differences over single bins, over sums of two and of four bins: equal for independent bins.
  private(set) var neighbours = Double.nan
  private(set) var ofPairsOfBins = Double.nan
  private(set) var ofFourBins = Double.nan
  /// Standard deviation of `neighbours`.
  private(set) var sigma = Double.infinity
  /// `neighbours` in the half of the bins with fewer, and with more counts.
  private(set) var lowBins = Double.nan
  private(set) var highBins = Double.nan

  /// Sums below which a spectrum says nothing.
  private static let fewest = 1.0

  init(_ sample: CountSample) {
    let bins = sample.bins
    var mean = [Double](repeating: 0, count: bins)
    var used: [(first: Double, second: Double, numbers: [Float])] = []
    for pair in sample.pairs where pair.allSatisfy(\.isFinite) {
      let first = pair[..<bins].reduce(0.0) { $0 + Double($1) }
      let second = pair[bins...].reduce(0.0) { $0 + Double($1) }
      guard first > 0, second > 0 else { continue }
      used.append((first, second, pair))
    }
    // Empty voxels beside full ones say nothing of the shape: what is left of two shapes scatters by more than counts. In a
    // porous sample most pairs may hold one, so that the brightest of the pairs tell what is full.
    let part = max(0.9, 1 - 2.5 / Double(max(1, used.count)))
    let bright = Quantiles.quantile(used.map { min($0.first, $0.second) }, part)
    used = used.filter { min($0.first, $0.second) > 0.2 * bright }
    guard !used.isEmpty else { return }
    var total = 0.0
    for pair in used {
      for bin in 0..<bins { mean[bin] += Double(pair.numbers[bin]) + Double(pair.numbers[bins + bin]) }
      total += pair.first + pair.second
    }
    mean = mean.map { max(0, $0) / total }
    let level = Quantiles.median(mean)
    var values: [[Double]] = [[], [], [], [], []]
    for pair in used {
      let scale = pair.first / pair.second
      let weight = pair.first + scale * scale * pair.second
      let left = (0..<bins).map { Double(pair.numbers[$0]) - scale * Double(pair.numbers[bins + $0]) }
      let expected = mean.map { $0 * weight }
      for (index, width) in [1, 2, 4].enumerated() {
        if let value = Self.scatter(left, expected, width: width, keep: { _ in true }) {
          values[index].append(value)
        }
      }
      if let value = Self.scatter(left, expected, width: 1, keep: { mean[$0] < level }) {
        values[3].append(value)
      }
      if let value = Self.scatter(left, expected, width: 1, keep: { mean[$0] >= level }) {
        values[4].append(value)
      }
    }
    pairs = values[0].count
    guard pairs > 0 else { return }
    // The median does not mind pairs whose shapes differ; that of a variance over n values lies 2 / (3 n) below its mean.
    func centre(_ list: [Double], _ width: Int) -> Double {
      guard !list.isEmpty else { return .nan }
      let n = Double(bins / width) * 0.45
      return Quantiles.median(list) * (1 + 2 / (3 * n))
    }
    neighbours = centre(values[0], 1)
    ofPairsOfBins = centre(values[1], 2)
    ofFourBins = centre(values[2], 4)
    lowBins = centre(values[3], 2)
    highBins = centre(values[4], 2)
    // Variance of a mean of squares of second differences, whose neighbours correlate: 2 (1 + 2 (16 + 1) / 36) / n.
    sigma = neighbours * 1.25 * (3.9 / Double(bins) / Double(pairs)).squareRoot()
  }

  /// Mean square of second differences of sums over `width` bins, over what counts would give.
  private static func scatter(
    _ left: [Double], _ expected: [Double], width: Int, keep: (Int) -> Bool
  ) -> Double? {
    let count = left.count / width
    guard count >= 8 else { return nil }
    func sum(_ values: [Double], _ block: Int) -> Double {
      values[(block * width)..<((block + 1) * width)].reduce(0, +)
    }
    let residuals = (0..<count).map { sum(left, $0) }
    let variances = (0..<count).map { sum(expected, $0) }
    var squares = 0.0
    var number = 0
    for block in 1..<(count - 1) where keep(block * width) {
      let variance = variances[block - 1] + 4 * variances[block] + variances[block + 1]
      guard variance > 0 else { continue }
      let difference = residuals[block - 1] - 2 * residuals[block] + residuals[block + 1]
      squares += difference * difference / variance
      number += 1
    }
    return number >= 6 ? squares / Double(number) : nil
  }
}
