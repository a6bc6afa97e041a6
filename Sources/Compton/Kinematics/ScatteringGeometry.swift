import Foundation
public import Volumetry

/// Energy of the beam and scattering angle, and what they say about momentum.
///
/// The momentum `pz` of the electron along the scattering vector is in atomic units and positive above the
/// Compton peak (Ribberfors, Phys. Rev. B 12 (1975) 2067; Holm, Phys. Rev. A 37 (1988) 3706).
public struct ScatteringGeometry: Sendable, Hashable {
  /// Energy of the incident photons in keV.
  public let incidentEnergy: Double
  /// Scattering angle in degrees.
  public let angle: Double
  /// 1 - cos of the angle.
  let oneMinusCosine: Double
  let cosine: Double

  /// - Throws: `data` where the energy is not positive or the angle not within 0 to 180 degrees (0 excluded).
  public init(incidentEnergy: Double, angle: Double) throws(VoxelithError) {
    guard incidentEnergy.isFinite, incidentEnergy > 0 else {
      throw VoxelithError(
        .data, "the incident energy \(incidentEnergy) keV is not positive",
        advice: "set incident_energy_keV")
    }
    guard angle.isFinite, angle > 0, angle <= 180 else {
      throw VoxelithError(
        .data, "the scattering angle \(angle) degrees is not within 0 to 180",
        advice: "set scattering_angle_deg")
    }
    self.incidentEnergy = incidentEnergy
    self.angle = angle
    cosine = cos(angle * .pi / 180)
    oneMinusCosine = 2 * pow(sin(angle * .pi / 360), 2)
  }

  /// Energy of a photon scattered by an electron at rest, keV (Compton 1923).
  public var peakEnergy: Double {
    incidentEnergy / (1 + incidentEnergy / PhysicalConstants.electronMass * oneMinusCosine)
  }

  /// Momentum transfer for a scattered energy, keV/c.
  public func momentumTransfer(at energy: Double) -> Double {
    (incidentEnergy * incidentEnergy + energy * energy - 2 * incidentEnergy * energy * cosine).squareRoot()
  }

  /// Momentum `pz` in atomic units for a scattered energy in keV.
  ///
  /// pz = { q/2 - (E1-E2) sqrt(1/4 + m^2/(2 E1 E2 (1-cos th))) } / (alpha m).
  public func momentum(at energy: Double) -> Double {
    let mass = PhysicalConstants.electronMass
    let root = (0.25 + mass * mass / (2 * incidentEnergy * energy * oneMinusCosine)).squareRoot()
    return (0.5 * momentumTransfer(at: energy) - (incidentEnergy - energy) * root)
      / PhysicalConstants.atomicMomentum
  }

  /// Scattered energy in keV at which `momentum(at:)` is `pz`; nil beyond the energies from 0 to that of the
  /// beam.
  public func energy(at pz: Double) -> Double? {
    var low = 1e-6 * incidentEnergy
    var high = incidentEnergy
    guard momentum(at: low) <= pz, momentum(at: high) >= pz else { return nil }
    var energy = min(max(peakEnergy + pz / slope(at: peakEnergy), low), high)
    for _ in 0..<200 {
      let difference = momentum(at: energy) - pz
      if difference > 0 { high = energy } else { low = energy }
      let newton = energy - difference / slope(at: energy)
      let next = newton > low && newton < high ? newton : 0.5 * (low + high)
      if abs(next - energy) < 1e-13 * incidentEnergy { return next }
      energy = next
    }
    return energy
  }

  /// dpz/dE2 in atomic units per keV.
  public func slope(at energy: Double) -> Double {
    let mass = PhysicalConstants.electronMass
    let q = momentumTransfer(at: energy)
    let loss = incidentEnergy - energy
    let constant = mass * mass / (2 * incidentEnergy * oneMinusCosine)
    let root = (0.25 + constant / energy).squareRoot()
    let dq = (energy - incidentEnergy * cosine) / q
    return (0.5 * dq + root + loss * constant / (2 * energy * energy * root))
      / PhysicalConstants.atomicMomentum
  }

  /// The scattering angle in degrees at which the Compton peak lies at `peak` keV.
  ///
  /// - Throws: `data` where no angle gives that peak.
  public static func angle(peak: Double, incidentEnergy: Double) throws(VoxelithError) -> Double {
    let oneMinusCosine = PhysicalConstants.electronMass * (1 / peak - 1 / incidentEnergy)
    guard oneMinusCosine > 0, oneMinusCosine <= 2 else {
      throw VoxelithError(
        .data, "no scattering angle puts the Compton peak of \(incidentEnergy) keV at \(peak) keV",
        advice: "check the energy axis and the incident energy")
    }
    return acos(1 - oneMinusCosine) * 180 / .pi
  }
}
