import Volumetry

/// Whether several spectra of one object have one shape: the chi-squared test of homogeneity of counts (W. G. Cochran, Biometrics 10
/// (1954) 417), which needs no model and lets the brightness of each spectrum be what it is. Counts that are known to be none of the object's
/// are taken off, and their noise is counted.
public struct SpectralHomogeneity: Sendable, Hashable {
  public let chiSquared: Double
  public let degreesOfFreedom: Int
  /// Probability of a larger chi-squared where all have one shape.
  public let probability: Double

  /// Expected counts below which bins are taken together.
  private static let leastExpected = 10.0

  /// Rounds in which the common shape is found by the weights that it gives.
  private static let rounds = 3

  /// - Parameters:
  ///   - spectra: counts of each spectrum, all on one axis.
  ///   - known: counts of each spectrum that are no part of its shape, such as a background that goes with time; none where empty.
  /// - Returns: nil where fewer than two spectra hold counts in two bins or more.
  public init?(_ spectra: [[Double]], known: [[Double]] = []) {
    let places = spectra.indices.filter { spectra[$0].reduce(0, +) > 0 }
    guard places.count > 1, let bins = places.map({ spectra[$0].count }).min() else { return nil }
    let none = [Double](repeating: 0, count: bins)
    let counts = places.map { Array(spectra[$0].prefix(bins)) }
    let offsets = places.map { known.indices.contains($0) && known[$0].count >= bins ? known[$0] : none }
    let totals = counts.indices.map { zip(counts[$0], offsets[$0]).reduce(0) { $0 + $1.0 - $1.1 } }
    let all = totals.reduce(0, +)
    guard let least = totals.min(), least > 0 else { return nil }
    // Bins are taken together until the smallest spectrum expects enough in each.
    var cells: [(counts: [Double], known: [Double])] = []
    let empty = [Double](repeating: 0, count: places.count)
    var open = (counts: empty, known: empty)
    func expected(_ cell: (counts: [Double], known: [Double])) -> Double {
      (cell.counts.reduce(0, +) - cell.known.reduce(0, +)) * least / all
    }
    for bin in 0..<bins {
      for index in counts.indices {
        open.counts[index] += counts[index][bin]
        open.known[index] += offsets[index][bin]
      }
      if expected(open) >= Self.leastExpected {
        cells.append(open)
        open = (empty, empty)
      }
    }
    guard cells.count > 1 else { return nil }
    for index in counts.indices {
      cells[cells.count - 1].counts[index] += open.counts[index]
      cells[cells.count - 1].known[index] += open.known[index]
    }
    // With brightness a and shape s a cell expects a s + b, with as much variance.
    var amounts = totals
    var shape = cells.map { (zip($0.counts, $0.known).reduce(0) { $0 + $1.0 - $1.1 }) / all }
    func variance(_ index: Int, _ cell: Int) -> Double {
      max(1, amounts[index] * shape[cell] + cells[cell].known[index])
    }
    func net(_ index: Int, _ cell: Int) -> Double { cells[cell].counts[index] - cells[cell].known[index] }
    for _ in 0..<Self.rounds {
      shape = cells.indices.map { cell in
        var (sum, weight) = (0.0, 0.0)
        for index in amounts.indices {
          let own = amounts[index] / variance(index, cell)
          sum += own * net(index, cell)
          weight += own * amounts[index]
        }
        return max(0, sum / weight)
      }
      amounts = amounts.indices.map { index in
        var (sum, weight) = (0.0, 0.0)
        for cell in cells.indices {
          let own = shape[cell] / variance(index, cell)
          sum += own * net(index, cell)
          weight += own * shape[cell]
        }
        return weight > 0 ? max(1, sum / weight) : amounts[index]
      }
    }
    var sum = 0.0
    for cell in cells.indices {
      for index in amounts.indices {
        let off = net(index, cell) - amounts[index] * shape[cell]
        sum += off * off / variance(index, cell)
      }
    }
    chiSquared = sum
    degreesOfFreedom = (places.count - 1) * (cells.count - 1)
    probability = Distributions.chiSquaredTail(sum, dof: Double(degreesOfFreedom))
  }
}
