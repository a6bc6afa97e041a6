import Volumetry

/// Whether several spectra of one object have one shape: the chi-squared test of homogeneity of counts (W. G. Cochran, Biometrics 10
/// (1954) 417), which needs no model and lets the brightness of each spectrum be what it is.
public struct SpectralHomogeneity: Sendable, Hashable {
  public let chiSquared: Double
  public let degreesOfFreedom: Int
  /// Probability of a larger chi-squared where all have one shape.
  public let probability: Double

  /// Expected counts below which bins are taken together.
  private static let leastExpected = 10.0

  /// - Parameter spectra: counts of each spectrum, all on one axis.
  /// - Returns: nil where fewer than two spectra hold counts in two bins or more.
  public init?(_ spectra: [[Double]]) {
    let used = spectra.filter { $0.reduce(0, +) > 0 }
    guard used.count > 1, let bins = used.map(\.count).min() else { return nil }
    let totals = used.map { $0.prefix(bins).reduce(0, +) }
    let all = totals.reduce(0, +)
    guard all > 0, let least = totals.min(), least > 0 else { return nil }
    var cells: [[Double]] = []
    var open = [Double](repeating: 0, count: used.count)
    for bin in 0..<bins {
      for index in used.indices { open[index] += used[index][bin] }
      if open.reduce(0, +) * least / all >= Self.leastExpected {
        cells.append(open)
        open = [Double](repeating: 0, count: used.count)
      }
    }
    guard !cells.isEmpty else { return nil }
    for index in used.indices { cells[cells.count - 1][index] += open[index] }
    guard cells.count > 1 else { return nil }
    var sum = 0.0
    for cell in cells {
      let both = cell.reduce(0, +)
      for (count, total) in zip(cell, totals) {
        let expected = both * total / all
        sum += (count - expected) * (count - expected) / expected
      }
    }
    chiSquared = sum
    degreesOfFreedom = (used.count - 1) * (cells.count - 1)
    probability = Distributions.chiSquaredTail(sum, dof: Double(degreesOfFreedom))
  }
}
