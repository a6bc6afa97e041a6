import Foundation
import Volumetry

/// Which peak is which line.
enum LineMatching {
  /// Gain and offset that put most lines on peaks.
  ///
  /// Every pair of peaks is tried as every pair of lines; a trial counts, for each line, the logarithm of the
  /// significance of the peak nearest to it, less its distance, so that no chance peak outweighs a missing line.
  static func match(
    counts: [Double], axis: EnergyAxis, options: EnergyCalibrationOptions
  ) -> (Double, Double)? {
    let middle = 0.5 * (options.gainRange.lowerBound + options.gainRange.upperBound)
    let width = (axis.centers[axis.count - 1] - axis.centers[0]) / Double(axis.count - 1)
    let peaks = PeakSearch.peaks(
      counts: counts, centers: axis.centers, fwhm: options.resolution / middle / width)
    let tolerance = 0.6 * options.resolution
    var best: (score: Double, gain: Double, offset: Double)?
    for (i, low) in peaks.enumerated() {
      for (j, high) in peaks.enumerated() where j != i && high.position > low.position {
        for (a, lower) in options.lines.enumerated() {
          for upper in options.lines.dropFirst(a + 1) {
            let gain = (upper.energy - lower.energy) / (high.position - low.position)
            let offset = lower.energy - gain * low.position
            guard options.gainRange.contains(gain), options.offsetRange.contains(offset) else { continue }
            var score = 0.0
            for line in options.lines {
              var value = 0.0
              for peak in peaks {
                let distance = abs(gain * peak.position + offset - line.energy) / tolerance
                if distance < 1 { value = max(value, log(1 + peak.significance) * (1 - distance * distance)) }
              }
              score += value
            }
            if score > best?.score ?? 0 { best = (score, gain, offset) }
          }
        }
      }
    }
    return best.map { ($0.gain, $0.offset) }
  }

  /// Fits a line with its neighbours in a window around where it is expected.
  ///
  /// - Returns: nil where it does not stand out, or lies elsewhere, or at the end of the axis.
  static func fit(
    _ line: EmissionLine, counts: [Double], axis: EnergyAxis, gain: Double, offset: Double,
    options: EnergyCalibrationOptions
  ) -> EnergyCalibration.Line? {
    func place(_ energy: Double) -> Double { (energy - offset) / gain }
    let reach = 2.5 * options.resolution / gain
    let center = place(line.energy)
    let bins = axis.centers.indices.filter { abs(axis.centers[$0] - center) <= reach }
    guard let first = bins.first, let last = bins.last, axis.edge(0) < center - 0.8 * reach,
      axis.edge(axis.count) > center + 0.8 * reach
    else { return nil }
    let near = LineCluster.all(of: options.lines, separation: options.resolution).filter { cluster in
      cluster.parts.contains { abs(place($0.energy) - center) < 1.3 * reach }
    }
    guard
      let own = near.firstIndex(where: { $0.parts.contains { abs($0.energy - line.energy) < 1e-9 } })
    else { return nil }
    let components = near.enumerated().flatMap { index, cluster in
      let movesAlone =
        index != own
        && cluster.parts.contains { part in options.lines.contains { abs($0.energy - part.energy) < 1e-9 } }
      return cluster.parts.map {
        LineModel.Component(
          position: place($0.energy), share: $0.share, cluster: index, movesAlone: movesAlone)
      }
    }
    let expected = options.resolution / gain / 2.3548
    guard
      let fit = LineFit(
        Array(counts[first...last]),
        model: LineModel(
          edges: (first...(last + 1)).map { axis.edge($0) }, components: components, clusters: near.count,
          tailLength: options.tailLength / gain),
        width: expected),
      fit.counts[own] > options.significance * fit.countSigmas[own],
      abs(fit.shift) < 0.6 * reach, fit.width > 0.4 * expected, fit.width < 2.5 * expected,
      fit.sigma.isFinite, fit.sigma > 0
    else { return nil }
    return EnergyCalibration.Line(
      name: line.name, energy: line.energy, position: center + fit.shift, sigma: fit.sigma,
      counts: fit.counts[own], fwhm: fit.width * 2.3548 * gain, residual: 0, residualSigma: 0,
      isRejected: false, tail: options.tailLength > 0 ? fit.tail : nil, cost: fit.cost)
  }
}
