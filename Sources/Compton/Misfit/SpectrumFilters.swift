import Foundation
import Volumetry

/// Value and first two derivatives of a noisy spectrum: those of a polynomial of sixth degree fitted around each bin
/// (Savitzky and Golay, Anal. Chem. 36 (1964) 1627), for bins of any width.
struct SpectrumFilters: Sendable {
  struct Derivatives: Sendable {
    var value: [Double]
    var first: [Double]
    var second: [Double]
  }

  private let starts: [Int]
  private let weights: [[SIMD4<Double>]]
  let centers: [Double]

  /// - Parameters:
  ///   - reach: half width of the neighbourhood in keV; at least three bins to each side are used.
  init(centers: [Double], reach: Double) {
    self.centers = centers
    let count = centers.count
    let step = (centers[count - 1] - centers[0]) / Double(max(1, count - 1))
    let side = min(max(3, Int((reach / step).rounded())), max(1, (count - 1) / 2))
    var starts: [Int] = []
    var weights: [[SIMD4<Double>]] = []
    for bin in 0..<count {
      let low = min(max(0, bin - side), count - 1 - 2 * side)
      starts.append(low)
      weights.append(Self.weights(centers[low...(low + 2 * side)].map { $0 - centers[bin] }))
    }
    self.starts = starts
    self.weights = weights
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
    for bin in weights.indices {
      var sum = SIMD4<Double>.zero
      let start = starts[bin]
      for (k, weight) in weights[bin].enumerated() { sum += weight * values[start + k] }
      result.value[bin] = sum[0]
      result.first[bin] = sum[1]
      result.second[bin] = sum[2]
    }
    return result
  }
}
