import Compton
import Volumetry

/// Slips of the pen in a list of standards that no fit would tell.
enum StandardsDoubts {
  /// Rates of standards of one material differ by their lithium and their packing, never by so much.
  static let largestRatio = 20.0

  /// - Throws: `data` where two standards have the same spectrum, or one counts many times faster or slower than the others.
  static func check(_ set: StandardSet) throws(VoxelithError) {
    for (index, standard) in set.standards.enumerated() {
      guard
        let twin = set.standards[..<index].first(where: { $0.spectrum.counts == standard.spectrum.counts })
      else { continue }
      throw VoxelithError(
        .data,
        "the standards '\(twin.name)' (x = \(twin.x)) and '\(standard.name)' (x = \(standard.x)) have the same spectrum",
        advice: "a measured spectrum never comes twice: name each file once")
    }
    try checkRates(set.standards)
  }

  private static func checkRates(_ standards: [Standard]) throws(VoxelithError) {
    // Absorbing layers may take any part of a rate away.
    let rates = standards.compactMap { standard -> (name: String, rate: Double)? in
      guard standard.exposure.layers.isEmpty,
        let unit = standard.exposure.monitor ?? standard.spectrum.liveTime
      else { return nil }
      return (standard.name, standard.spectrum.total / (unit * (standard.exposure.packing ?? 1)))
    }
    guard rates.count == standards.count, rates.count > 1 else { return }
    let sorted = rates.map(\.rate).sorted()
    // With an even number the lower one of the two in the middle.
    let middle = sorted[(sorted.count - 1) / 2]
    guard let far = rates.max(by: { distance($0.rate, middle) < distance($1.rate, middle) }),
      distance(far.rate, middle) > largestRatio
    else { return }
    let factor = far.rate / middle
    throw VoxelithError(
      .data,
      "the standard '\(far.name)' counts \(words(factor > 1 ? factor : 1 / factor)) times \(factor > 1 ? "faster" : "slower") than the others",
      advice: "check its live_time_s (in seconds), monitor_counts and packing")
  }

  private static func distance(_ rate: Double, _ middle: Double) -> Double {
    rate > middle ? rate / middle : middle / rate
  }

  private static func words(_ factor: Double) -> String {
    factor < 1e6 ? "\(Int(factor.rounded()))" : "\(factor)"
  }
}
