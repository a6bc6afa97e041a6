import Foundation
import Volumetry

/// A material that scatters: attenuation at every energy, and electrons with their momenta.
struct ScatteringMaterial: Sendable {
  /// Formula units in 1 / (barn cm).
  let density: Double
  /// Electrons of a formula unit.
  let electrons: Double
  private let attenuations: [Double]
  private static let step = 0.25
  /// Momenta that cut the profile into parts of equal weight.
  private let momenta: [Double]

  /// Avogadro's number times a barn, mol cm2.
  private static let unitsPerGram = 0.602_214_076
  private static let reach = 60.0
  private static let parts = 4096

  init(_ phase: AbsorbingPhase, incidentEnergy: Double) throws(VoxelithError) {
    density = phase.density * Self.unitsPerGram / phase.formula.molarMass(x: phase.x)
    attenuations = (0...Int((incidentEnergy / Self.step).rounded(.up)) + 1).map {
      phase.attenuation(energy: max(1, Double($0) * Self.step))
    }
    let profile = try MaterialProfile(phase.formula, x: phase.x, model: .neutral)
    electrons = profile.electrons
    // Steps that grow with the momentum: the profile falls over orders of magnitude.
    let half = 1500
    let places = (-half...half).map { index -> Double in
      let part = Double(index) / Double(half)
      return Self.reach * part * part * part * 0.7 + Self.reach * part * 0.3
    }
    let values = places.map { profile.value(at: $0, loss: .infinity) }
    var sums = [0.0]
    for i in 1..<places.count {
      sums.append(sums[i - 1] + 0.5 * (values[i] + values[i - 1]) * (places[i] - places[i - 1]))
    }
    let total = sums[sums.count - 1]
    var at = 1
    momenta = (0...Self.parts).map { part in
      let wanted = total * Double(part) / Double(Self.parts)
      while at < sums.count - 1, sums[at] < wanted { at += 1 }
      let width = sums[at] - sums[at - 1]
      let inside = width > 0 ? (wanted - sums[at - 1]) / width : 0
      return places[at - 1] + min(max(inside, 0), 1) * (places[at] - places[at - 1])
    }
  }

  /// Linear attenuation coefficient in 1/cm.
  func attenuation(_ energy: Double) -> Double {
    let place = min(max(energy / Self.step, 0), Double(attenuations.count - 2))
    let low = Int(place)
    return attenuations[low] + (place - Double(low)) * (attenuations[low + 1] - attenuations[low])
  }

  /// A momentum along the scattering vector, drawn from the profile, a.u.
  func momentum(_ uniform: Double) -> Double {
    let place = uniform * Double(Self.parts)
    let low = min(Int(place), Self.parts - 1)
    return momenta[low] + (place - Double(low)) * (momenta[low + 1] - momenta[low])
  }
}
