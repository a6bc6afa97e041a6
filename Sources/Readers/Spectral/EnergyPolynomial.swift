import Volumetry

/// Energy of a channel as a polynomial of its number: `a0 + a1 c + a2 c^2 + ...` in keV, the way in which multichannel
/// analysers are calibrated.
struct EnergyPolynomial {
  let coefficients: [Double]

  init(_ coefficients: [Double]) { self.coefficients = coefficients }

  func energy(_ channel: Double) -> Double {
    coefficients.reversed().reduce(0) { $0 * channel + $1 }
  }

  /// - Parameter channels: numbers of the bins, by default from 0.
  /// - Throws: `usage` where the energies do not increase from bin to bin.
  func axis(count: Int, channels: [Double]? = nil, file: String) throws(VoxelithError) -> EnergyAxis {
    let numbers = channels ?? (0..<count).map(Double.init)
    let energies = numbers.map(energy)
    guard (2...6).contains(coefficients.count), energies.count == count, count >= 2,
      energies.allSatisfy(\.isFinite), zip(energies, energies.dropFirst()).allSatisfy({ $0 < $1 })
    else {
      throw VoxelithError(
        .usage,
        "energies that increase over \(count) bins do not follow from the coefficients "
          + coefficients.map { "\($0)" }.joined(separator: ", "), file: file,
        advice: "give --energy-coefficients as keV at channel 0, keV a channel and, perhaps, further powers")
    }
    return try EnergyAxis(centers: energies, file: file)
  }
}
