import Foundation
import Volumetry

/// Value and first two derivatives of a noisy spectrum: those of a polynomial of sixth degree fitted around each bin
/// (Savitzky and Golay, Anal. Chem. 36 (1964) 1627), for bins of any width.
///
/// The second derivative, which is noisier, is taken over a wider neighbourhood.
struct SpectrumFilters: Sendable {
  struct Derivatives: Sendable {
    var value: [Double]
    var first: [Double]
    var second: [Double]
  }

  let centers: [Double]
  private let near: [Row]
  private let wide: [Row]

  /// Weights of the neighbours of one bin: of value, first and second derivative.
  private struct Row: Sendable {
    var start: Int
    var weights: [SIMD4<Double>]
  }

  /// Half widths of the neighbourhoods in full widths of the line.
  private static let reachOfFirst = 0.7
  private static let reachOfSecond = 1.0

  /// What filters are made of.
  private struct Bins: Hashable {
    let centers: [Double]
    let line: Double
  }

  /// Those of the last few axes: a map that grows asks for the same again and again, and making them takes longer than their use.
  private static let made = Guarded<[(bins: Bins, filters: SpectrumFilters)]>([])
  private static let mostMade = 8

  /// The filters of an axis.
  ///
  /// - Parameters:
  ///   - line: full width of the detector's line in keV; at least three bins to each side are used.
  static func of(centers: [Double], line: Double) -> SpectrumFilters {
    let bins = Bins(centers: centers, line: line)
    if let known = made.withLock({ $0.first { $0.bins == bins }?.filters }) { return known }
    let new = SpectrumFilters(centers: centers, line: line)
    made.withLock { made in
      if made.count >= mostMade { made.removeFirst() }
      made.append((bins, new))
    }
    return new
  }

  private init(centers: [Double], line: Double) {
    self.centers = centers
    near = Self.rows(centers, reach: Self.reachOfFirst * line)
    wide = Self.rows(centers, reach: Self.reachOfSecond * line)
  }

  private static func rows(_ centers: [Double], reach: Double) -> [Row] {
    let count = centers.count
    let step = (centers[count - 1] - centers[0]) / Double(max(1, count - 1))
    let side = min(max(3, Int((reach / step).rounded())), max(1, (count - 1) / 2))
    return (0..<count).map { bin in
      let low = min(max(0, bin - side), count - 1 - 2 * side)
      return Row(start: low, weights: weights(centers[low...(low + 2 * side)].map { $0 - centers[bin] }))
    }
  }

  private static func weights(_ offsets: [Double]) -> [SIMD4<Double>] {
    let scale = max(offsets.map(abs).max() ?? 1, 1e-300)
    let degree = min(6, offsets.count - 1)
    let powers = offsets.map { offset in (0...degree).map { pow(offset / scale, Double($0)) } }
    var normal = Matrix(zeros: degree + 1, degree + 1)
    for row in powers {
      for i in 0...degree { for j in 0...degree { normal[i, j] += row[i] * row[j] } }
    }
    guard degree >= 2, let inverse = Cholesky(normal)?.inverse else { return offsets.map { _ in .zero } }
    return powers.map { row in
      func coefficient(_ k: Int) -> Double { (0...degree).reduce(0.0) { $0 + inverse[k, $1] * row[$1] } }
      return SIMD4(coefficient(0), coefficient(1) / scale, 2 * coefficient(2) / (scale * scale), 0)
    }
  }

  func callAsFunction(_ values: [Double]) -> Derivatives {
    var result = Derivatives(value: values, first: values, second: values)
    for bin in near.indices {
      var sum = SIMD4<Double>.zero
      for (k, weight) in near[bin].weights.enumerated() { sum += weight * values[near[bin].start + k] }
      result.value[bin] = sum[0]
      result.first[bin] = sum[1]
      var second = 0.0
      for (k, weight) in wide[bin].weights.enumerated() { second += weight[2] * values[wide[bin].start + k] }
      result.second[bin] = second
    }
    return result
  }

  /// Variance of value + first * derivative + second * second derivative, of values with independent errors.
  func variance(_ variances: [Double], first: [Double], second: [Double]) -> [Double] {
    near.indices.map { bin in
      let (a, b) = (near[bin], wide[bin])
      let start = min(a.start, b.start)
      var weights = [Double](
        repeating: 0, count: max(a.start + a.weights.count, b.start + b.weights.count) - start)
      weights[bin - start] = 1
      for (k, weight) in a.weights.enumerated() { weights[a.start - start + k] += first[bin] * weight[1] }
      for (k, weight) in b.weights.enumerated() { weights[b.start - start + k] += second[bin] * weight[2] }
      return weights.enumerated().reduce(0.0) { $0 + $1.element * $1.element * variances[start + $1.offset] }
    }
  }
}
