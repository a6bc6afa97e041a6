/// How much of a phase has which diameter: exact counts, so that neither order nor blocks show in what is
/// derived from them.
public struct PoreSizes: Sendable, Hashable {
  /// Voxels by diameter in micrometres.
  private var counts: [Float: Int] = [:]

  /// Adds voxels; those of diameter zero lie outside the phase.
  mutating func add(_ diameters: [Float]) {
    var runs = RunLengths()
    var previous: Float = 0
    var run = 0
    let values = diameters.span
    for i in values.indices {
      if values[i] == previous {
        run += 1
        continue
      }
      runs.add(run, of: previous)
      (previous, run) = (values[i], 1)
    }
    runs.add(run, of: previous)
    for (number, run) in zip(runs.numbers, runs.counts) { counts[number, default: 0] += run }
  }

  /// Voxels by diameter, in the order in which the diameters first come.
  private struct RunLengths {
    private(set) var numbers: [Float] = []
    private(set) var counts: [Int] = []
    private var places = NumberPlaces()

    mutating func add(_ run: Int, of number: Float) {
      guard number > 0 else { return }
      let place = places.place(of: number)
      if place == counts.count {
        numbers.append(number)
        counts.append(0)
      }
      counts[place] += run
    }
  }

  /// Voxels of the phase.
  public var total: Int { counts.values.reduce(0, +) }

  /// Mean by volume, in micrometres; NaN where there is no voxel.
  public var mean: Double { sum { $0 } / Double(total) }

  /// Standard deviation by volume, in micrometres.
  public var standardDeviation: Double {
    let mean = mean
    return (sum { ($0 - mean) * ($0 - mean) } / Double(total - 1)).squareRoot()
  }

  private func sum(_ value: (Double) -> Double) -> Double {
    counts.sorted { $0.key < $1.key }.reduce(0) { $0 + Double($1.value) * value(Double($1.key)) }
  }

  /// Shares of the phase by volume in bins of one width in micrometres, from zero up.
  public func distribution(binWidth: Double) -> [Double] {
    let total = Double(max(1, total))
    var bins: [Int] = []
    for (diameter, count) in counts {
      let bin = Int(Double(diameter) / binWidth)
      if bins.count <= bin { bins += [Int](repeating: 0, count: bin + 1 - bins.count) }
      bins[bin] += count
    }
    return bins.map { Double($0) / total }
  }
}
