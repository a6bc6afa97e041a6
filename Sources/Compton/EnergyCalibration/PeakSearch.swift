import Foundation

/// Peaks of a spectrum by its smoothed second difference (Mariscotti, Nucl. Instrum. Methods 50 (1967) 309).
enum PeakSearch {
  struct Peak: Sendable, Hashable {
    /// Place on the axis, in its unit.
    let position: Double
    /// Second difference over its standard deviation.
    let significance: Double
  }

  /// Peaks of about the width `fwhm` (in bins) that stand out by `threshold` standard deviations, the most
  /// significant first.
  static func peaks(
    counts: [Double], centers: [Double], fwhm: Double, threshold: Double = 4, limit: Int = 24
  ) -> [Peak] {
    let sigma = max(0.6, fwhm / 2.3548)
    let reach = Int((4 * sigma).rounded(.up))
    guard counts.count > 2 * reach + 2 else { return [] }
    var kernel = (-reach...reach).map { offset -> Double in
      let z = Double(offset) / sigma
      return (1 - z * z) * exp(-0.5 * z * z)
    }
    // A kernel of zero sum answers neither to a constant nor, being even, to a slope.
    let mean = kernel.reduce(0, +) / Double(kernel.count)
    kernel = kernel.map { $0 - mean }
    var significance = [Double](repeating: 0, count: counts.count)
    for bin in reach..<(counts.count - reach) {
      var response = 0.0
      var variance = 0.0
      for (index, weight) in kernel.enumerated() {
        let count = counts[bin + index - reach]
        response += weight * count
        variance += weight * weight * count
      }
      significance[bin] = variance > 0 ? response / variance.squareRoot() : 0
    }
    var result: [Peak] = []
    for bin in 1..<(counts.count - 1) {
      let here = significance[bin]
      let (left, right) = (significance[bin - 1], significance[bin + 1])
      guard here > threshold, here >= left, here > right else { continue }
      let bend = left - 2 * here + right
      let shift = bend < 0 ? 0.5 * (left - right) / bend : 0
      let width = 0.5 * (centers[bin + 1] - centers[bin - 1])
      result.append(Peak(position: centers[bin] + min(max(shift, -0.5), 0.5) * width, significance: here))
    }
    return Array(result.sorted { $0.significance > $1.significance }.prefix(limit))
  }
}
