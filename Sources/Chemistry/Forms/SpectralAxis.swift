import Volumetry

/// Energies of a spectrum in eV, and bins by range.
struct SpectralAxis: Sendable {
  let energies: [Double]
  let widths: [Double]
  let name: String

  init(_ axis: EnergyAxis, name: String) {
    energies = axis.centers.map { 1000 * $0 }
    widths = (0..<axis.count).map { 1000 * axis.width($0) }
    self.name = name
  }

  var count: Int { energies.count }
  var low: Double { energies[0] }
  var high: Double { energies[count - 1] }

  /// Bins whose energies lie in a range.
  ///
  /// - Throws: `data` where there are fewer than `least`.
  func bins(_ range: ClosedRange<Double>, least: Int, what: String) throws(VoxelithError) -> [Int] {
    let found = energies.indices.filter { range.contains(energies[$0]) }
    guard found.count >= least else {
      throw VoxelithError(
        .data,
        "\(what), \(text(range.lowerBound)) to \(text(range.upperBound)) eV, holds \(found.count) energies; \(least) are needed",
        file: name, advice: "the spectra run from \(text(low)) to \(text(high)) eV in \(count) energies")
    }
    return found
  }
}

/// An energy in eV for messages.
func text(_ energy: Double) -> String { "\((energy * 100).rounded() / 100)" }
