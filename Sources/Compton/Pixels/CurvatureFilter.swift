import Foundation
import Volumetry

/// Second derivative of a noisy spectrum: that of a polynomial of fourth degree fitted around each bin (Savitzky and
/// Golay, Anal. Chem. 36 (1964) 1627), for bins of any width.
struct CurvatureFilter {
  private let axis: EnergyAxis
  /// Weights of the neighbours of each bin, from `start` on.
  private let weights: [(start: Int, values: [Double])]

  /// - Parameters:
  ///   - reach: half width of the neighbourhood in keV; at least four bins to each side are used.
  init(_ axis: EnergyAxis, reach: Double) {
    self.axis = axis
    let step = (axis.centers[axis.count - 1] - axis.centers[0]) / Double(axis.count - 1)
    let side = max(4, Int((reach / step).rounded()))
    weights = (0..<axis.count).map { bin in
      let low = max(0, bin - side)
      let high = min(axis.count - 1, bin + side)
      return (low, Self.weights(axis.centers[low...high].map { $0 - axis.centers[bin] }))
    }
  }

  private static func weights(_ offsets: [Double]) -> [Double] {
    let scale = max(offsets.map(abs).max() ?? 1, 1e-300)
    let degree = min(4, offsets.count - 1)
    guard degree >= 2 else { return offsets.map { _ in 0 } }
    let powers = offsets.map { offset in (0...degree).map { pow(offset / scale, Double($0)) } }
    var normal = Matrix(zeros: degree + 1, degree + 1)
    for row in powers {
      for i in 0...degree { for j in 0...degree { normal[i, j] += row[i] * row[j] } }
    }
    guard let inverse = Cholesky(normal)?.inverse else { return offsets.map { _ in 0 } }
    return powers.map { row in
      2 * (0...degree).reduce(0.0) { $0 + inverse[2, $1] * row[$1] } / (scale * scale)
    }
  }

  /// Second derivative at every bin of values given at the bins' centres, per keV squared.
  func callAsFunction(_ values: [Double]) -> [Double] {
    weights.map { start, weights in
      weights.indices.reduce(0.0) { $0 + weights[$1] * values[start + $1] }
    }
  }
}
