import Volumetry

/// Counts per bin of a spectrum whose detector has another gain: a photon of energy E is counted at E (1 + gain).
struct ShiftedSpectrum: Sendable {
  private let edges: [Double]
  /// Counts below each edge, and the density there.
  private let cumulative: [Double]
  private let slopes: [Double]

  init(_ counts: [Double], edges: [Double]) {
    self.edges = edges
    var cumulative = [0.0]
    cumulative.reserveCapacity(edges.count)
    for count in counts { cumulative.append(cumulative[cumulative.count - 1] + count) }
    self.cumulative = cumulative
    let densities = counts.indices.map { counts[$0] / (edges[$0 + 1] - edges[$0]) }
    slopes = edges.indices.map { index in
      if index == 0 { return densities[0] }
      if index == densities.count { return densities[index - 1] }
      let left = edges[index] - edges[index - 1]
      let right = edges[index + 1] - edges[index]
      return (densities[index - 1] * right + densities[index] * left) / (left + right)
    }
  }

  /// The counts of every bin in `range`, by a cubic through the cumulative counts.
  func counts(gain: Double, range: Range<Int>) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(range.count)
    var below = value(at: edges[range.lowerBound] / (1 + gain), near: range.lowerBound)
    for bin in range {
      let above = value(at: edges[bin + 1] / (1 + gain), near: bin + 1)
      result.append(above - below)
      below = above
    }
    return result
  }

  private func value(at energy: Double, near guess: Int) -> Double {
    let last = edges.count - 2
    if energy <= edges[0] { return slopes[0] * (energy - edges[0]) }
    if energy >= edges[last + 1] {
      return cumulative[last + 1] + slopes[last + 1] * (energy - edges[last + 1])
    }
    var bin = min(max(0, guess), last)
    while edges[bin] > energy { bin -= 1 }
    while edges[bin + 1] <= energy { bin += 1 }
    let width = edges[bin + 1] - edges[bin]
    let t = (energy - edges[bin]) / width
    let (t2, t3) = (t * t, t * t * t)
    return (2 * t3 - 3 * t2 + 1) * cumulative[bin] + (t3 - 2 * t2 + t) * width * slopes[bin]
      + (3 * t2 - 2 * t3) * cumulative[bin + 1] + (t3 - t2) * width * slopes[bin + 1]
  }
}
