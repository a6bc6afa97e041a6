import Volumetry

extension EnergyAxis {
  /// By how much the bins of another axis of as many lie elsewhere, as words that follow; empty for another number.
  func difference(from other: EnergyAxis) -> String {
    guard count == other.count else { return "" }
    let most = zip(centers, other.centers).reduce(0) { max($0, abs($1.0 - $1.1)) }
    return ": bins lie up to \(rounded(1000 * most)) eV apart"
  }
}
