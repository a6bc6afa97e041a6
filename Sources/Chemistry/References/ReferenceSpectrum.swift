public import Volumetry

/// The spectrum of a pure compound, per unit of its amount.
public struct ReferenceSpectrum: Sendable, Hashable {
  public let name: String
  public let energy: EnergyAxis
  public let values: [Double]

  public init(name: String, energy: EnergyAxis, values: [Double]) {
    self.name = name
    self.energy = energy
    self.values = values
  }

  /// The values at other energies in eV, by straight lines.
  ///
  /// - Throws: `data` where the reference does not span them.
  func resampled(to energies: [Double]) throws(VoxelithError) -> [Double] {
    let own = energy.centers.map { 1000 * $0 }
    guard let low = energies.first, let high = energies.last, let first = own.first, let last = own.last
    else { return [] }
    let slack = 1e-6 * max(abs(high), 1)
    guard first <= low + slack, last >= high - slack else {
      throw VoxelithError(
        .data,
        "the reference runs from \(text(first)) to \(text(last)) eV and does not span \(text(low)) to \(text(high)) eV",
        file: name, advice: "give a longer reference, or narrow the fit with --range")
    }
    var place = 0
    return energies.map { energy in
      while place < own.count - 2, own[place + 1] < energy { place += 1 }
      let part = (energy - own[place]) / (own[place + 1] - own[place])
      return values[place] + min(max(part, 0), 1) * (values[place + 1] - values[place])
    }
  }
}
