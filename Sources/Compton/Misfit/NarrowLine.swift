import Foundation

/// Counts of the bins by one photon of a narrow line: a Gaussian, part of which has an exponential tail.
struct NarrowLine: Sendable {
  /// Edges of the bins in keV.
  let edges: [Double]
  let sigma: Double
  let tailFraction: Double
  /// keV.
  let tailLength: Double

  private func normal(_ u: Double) -> Double { 0.5 * erfc(-u / 2.0.squareRoot()) }

  private func bins(_ below: (Double) -> Double) -> [Double] {
    let sums = edges.map(below)
    return zip(sums.dropFirst(), sums).map { $0 - $1 }
  }

  func peak(at energy: Double) -> [Double] { bins { normal(($0 - energy) / sigma) } }

  /// An exponential towards low energies, convolved with the Gaussian.
  private func exponentialTail(at energy: Double, length: Double) -> [Double] {
    bins { edge in
      let u = (edge - energy) / sigma
      guard u < 8 else { return 1 }
      let part = sigma / length
      return normal(u) + exp(u * part + 0.5 * part * part) * normal(-u - part)
    }
  }

  /// Counts spread evenly from half of the energy to all of it.
  private func shelf(at energy: Double) -> [Double] {
    func integral(_ distance: Double) -> Double {
      let u = distance / sigma
      return distance * normal(u) + sigma * exp(-0.5 * u * u) / (2 * .pi).squareRoot()
    }
    let length = 0.5 * energy
    return bins { (integral($0 - energy + length) - integral($0 - energy)) / length }
  }

  func tail(_ form: InstrumentEffect.LineTail, at energy: Double) -> [Double] {
    switch form {
    case .short: exponentialTail(at: energy, length: 0.5 * tailLength)
    case .usual: exponentialTail(at: energy, length: tailLength)
    case .long: exponentialTail(at: energy, length: 3 * tailLength)
    case .shelf: shelf(at: energy)
    }
  }

  /// The whole line.
  func counts(at energy: Double) -> [Double] {
    zip(peak(at: energy), tail(.usual, at: energy)).map { (1 - tailFraction) * $0 + tailFraction * $1 }
  }

  /// Change by a width that is larger by one part, or by all of the peak in a tail.
  func change(_ shape: InstrumentEffect.LineShape, at energy: Double) -> [Double] {
    switch shape {
    case .width:
      return bins { edge in
        let u = (edge - energy) / sigma
        return -u * exp(-0.5 * u * u) / (2 * .pi).squareRoot()
      }
    case .tail(let form): return zip(tail(form, at: energy), peak(at: energy)).map { $0 - $1 }
    }
  }
}
