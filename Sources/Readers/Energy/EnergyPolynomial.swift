import Volumetry

/// Energy of a channel as a polynomial of its number: `a0 + a1 c + a2 c^2 + ...` in keV, the way in which multichannel
/// analysers are calibrated.
struct EnergyPolynomial: Sendable, Hashable {
  let coefficients: [Double]

  init(_ coefficients: [Double]) { self.coefficients = coefficients }

  func energy(_ channel: Double) -> Double {
    coefficients.reversed().reduce(0) { $0 * channel + $1 }
  }

  /// The energies of channels, the lowest first, and whether they fall with the number of the channel.
  ///
  /// - Throws: `usage` where they neither rise nor fall from channel to channel.
  func axis(channels: [Double], file: String) throws(VoxelithError) -> (EnergyAxis, isReversed: Bool) {
    let energies = channels.map(energy)
    let pairs = zip(energies, energies.dropFirst())
    let rises = pairs.allSatisfy { $0 < $1 }
    guard (2...6).contains(coefficients.count), energies.count >= 2, energies.allSatisfy(\.isFinite),
      rises || pairs.allSatisfy({ $0 > $1 })
    else {
      throw VoxelithError(
        .usage,
        "the coefficients \(coefficients.map { "\($0)" }.joined(separator: ", ")) give no energies that rise over "
          + "\(energies.count) channels", file: file,
        advice: "give --energy-coefficients as keV at channel 0, keV a channel and, perhaps, further powers")
    }
    return (try EnergyAxis(centers: rises ? energies : energies.reversed(), file: file), !rises)
  }
}
