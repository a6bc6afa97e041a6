public import Volumetry

/// Counts to fractions of species, with counting errors.
///
/// A species has N = sum of w c over the bins, its fraction is f = N / T with T the sum over all species. The counts of the
/// bins are independent and their variance is their number, so var f = sum c (w - f w_T)^2 / T^2; without background and
/// compound ions this is the multinomial f (1 - f) / T.
public struct CompositionQuantity: SpectralQuantity {
  public let channels: [String]
  public let unit = ""
  public let noise = NoiseModel.counts
  private let bins: Int
  /// Weights of the bins in each species, one species after another, and in the total.
  private let weights: [Double]
  private let total: [Double]

  /// - Parameter weights: for each species one weight for each bin.
  /// - Throws: `usage` where there are fewer than two species or a name stands twice.
  public init(_ names: [String], weights: [[Double]], bins: Int) throws(VoxelithError) {
    guard names.count >= 2 else {
      throw VoxelithError(.usage, "a composition needs two species or more")
    }
    guard Set(names).count == names.count else {
      throw VoxelithError(.usage, "a species is named twice")
    }
    precondition(weights.count == names.count && weights.allSatisfy { $0.count == bins })
    channels = names
    self.bins = bins
    self.weights = weights.flatMap { $0 }
    var total = [Double](repeating: 0, count: bins)
    for row in weights { for bin in 0..<bins { total[bin] += row[bin] } }
    self.total = total
  }

  /// Species by windows of a spectrum in eV. Counts per eV of the background windows are taken off each window.
  ///
  /// - Throws: `usage` where windows overlap, `data` where the axis does not hold them.
  public init(
    _ species: [(name: String, window: ClosedRange<Double>)], background: [ClosedRange<Double>],
    energy: EnergyAxis, name: String
  ) throws(VoxelithError) {
    let axis = SpectralAxis(energy, name: name)
    let windows = species.map(\.window) + background
    for (index, window) in windows.enumerated() {
      for other in windows[(index + 1)...] where other.overlaps(window) {
        throw VoxelithError(
          .usage, "the windows from \(text(window.lowerBound)) and from \(text(other.lowerBound)) eV overlap")
      }
    }
    var below: [Int] = []
    for window in background { below += try axis.bins(window, least: 1, what: "a window of the background") }
    let width = below.reduce(0) { $0 + axis.widths[$1] }
    var rows: [[Double]] = []
    for (name, window) in species {
      let bins = try axis.bins(window, least: 1, what: "the window of \(name)")
      var row = [Double](repeating: 0, count: axis.count)
      for bin in bins { row[bin] = 1 }
      let own = bins.reduce(0) { $0 + axis.widths[$1] }
      for bin in below { row[bin] = -own / width }
      rows.append(row)
    }
    try self.init(species.map(\.name), weights: rows, bins: axis.count)
  }

  public func makeWorkspace() -> QuantityWorkspace { QuantityWorkspace(bins: bins, channels: channels.count) }

  public func measure(_ work: inout QuantityWorkspace) -> VoxelReason {
    var sum = 0.0
    for bin in 0..<bins { sum += total[bin] * work.values[bin] }
    guard sum > 0 else { return .noSignal }
    for species in channels.indices {
      let row = species * bins
      var number = 0.0
      var own = 0.0
      var largest = 0.0
      for bin in 0..<bins where weights[row + bin] != 0 {
        number += weights[row + bin] * work.values[bin]
        if weights[row + bin] > 0 {
          own += work.values[bin]
          largest = max(largest, weights[row + bin])
        }
      }
      let fraction = number / sum
      var variance = 0.0
      for bin in 0..<bins {
        let weight = weights[row + bin] - fraction * total[bin]
        variance += work.values[bin] * weight * weight
      }
      // Nothing seen is not nothing there: an error as of one count.
      if own == 0 { variance += largest * largest }
      work.results[species] = fraction
      work.sigmas[species] = variance.squareRoot() / sum
    }
    return .good
  }
}
