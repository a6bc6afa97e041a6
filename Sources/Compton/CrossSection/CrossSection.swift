import Foundation

/// Differential cross-sections of Compton scattering for one geometry, barn per steradian (and keV).
public struct CrossSection: Sendable {
  public let geometry: ScatteringGeometry

  public init(_ geometry: ScatteringGeometry) { self.geometry = geometry }

  /// Klein-Nishina cross-section per free electron for unpolarised photons, barn/sr.
  public var kleinNishina: Double {
    let ratio = geometry.peakEnergy / geometry.incidentEnergy
    let sineSquared = 1 - geometry.cosine * geometry.cosine
    return 0.5 * PhysicalConstants.classicalRadiusSquared * ratio * ratio * (ratio + 1 / ratio - sineSquared)
  }

  /// The same for a beam polarised linearly; `azimuth` is the angle in degrees between the plane of scattering
  /// and the polarisation. The factor is P + 1/P - 2 sin^2 th cos^2 phi.
  public func kleinNishina(azimuth: Double) -> Double {
    let ratio = geometry.peakEnergy / geometry.incidentEnergy
    let sineSquared = 1 - geometry.cosine * geometry.cosine
    let along = cos(azimuth * .pi / 180)
    return 0.5 * PhysicalConstants.classicalRadiusSquared * ratio * ratio
      * (ratio + 1 / ratio - 2 * sineSquared * along * along)
  }

  /// Klein-Nishina cross-section over all angles per free electron, barn (Klein and Nishina, Z. Phys. 52
  /// (1929) 853).
  public static func total(incidentEnergy: Double) -> Double {
    let k = incidentEnergy / PhysicalConstants.electronMass
    let log = Foundation.log(1 + 2 * k)
    let first = (1 + k) / (k * k) * (2 * (1 + k) / (1 + 2 * k) - log / k)
    return 2 * .pi * PhysicalConstants.classicalRadiusSquared
      * (first + log / (2 * k) - (1 + 3 * k) / ((1 + 2 * k) * (1 + 2 * k)))
  }

  /// What multiplies J(pz) to give the double differential cross-section at a scattered energy, barn per
  /// steradian and keV (Ribberfors 1975; Holm 1988): m^2 r0^2 E2 X / (2 E1 q E) / (alpha m).
  public func factor(at energy: Double) -> Double {
    let mass = PhysicalConstants.electronMass
    let e1 = geometry.incidentEnergy
    let c = geometry.oneMinusCosine
    let p = geometry.momentum(at: energy) * PhysicalConstants.atomicMomentum
    let total = (mass * mass + p * p).squareRoot()
    let q = geometry.momentumTransfer(at: energy)
    let a = ((e1 - energy) * total - e1 * energy * c) / q
    let d = (e1 - energy * geometry.cosine) * a / q
    let r = e1 * (total - d)
    let rPrime = r - e1 * energy * c
    let inverse = 1 / r - 1 / rPrime
    let x = r / rPrime + rPrime / r + 2 * mass * mass * inverse + pow(mass, 4) * inverse * inverse
    return mass * mass * PhysicalConstants.classicalRadiusSquared * energy * x
      / (2 * e1 * q * total * PhysicalConstants.atomicMomentum)
  }

  /// Double differential cross-section for a profile, barn per steradian and keV.
  public func doubleDifferential(at energy: Double, profile: some MomentumProfile) -> Double {
    factor(at: energy)
      * profile.value(at: geometry.momentum(at: energy), loss: geometry.incidentEnergy - energy)
  }
}
