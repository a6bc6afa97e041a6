import Foundation
public import Volumetry

/// A layer of one material that the photons cross: casing, window, foil, separator, or a sample as a whole.
public struct AbsorbingLayer: Sendable, Hashable {
  /// Which photons cross it.
  public enum Side: String, Sendable, Hashable, Codable, CaseIterable {
    /// The beam, on its way to the sample.
    case entrance = "in"
    /// The scattered photons, on their way to the detector.
    case exit = "out"
    case both
  }

  public let name: String
  public let material: ChemicalFormula
  /// Density in g/cm3.
  public let density: Double
  /// Length of the path through it in cm, on each side that crosses it.
  public let thickness: Double
  public let side: Side
  /// Lithium content where the formula leaves it open.
  public let x: Double

  /// - Throws: `data` where density or thickness are not positive.
  public init(
    name: String, material: ChemicalFormula, density: Double, thickness: Double, side: Side = .both,
    x: Double = 0.5
  ) throws(VoxelithError) {
    guard density > 0, density.isFinite else {
      throw VoxelithError(.data, "the density \(density) g/cm3 of the layer '\(name)' is not positive")
    }
    guard thickness > 0, thickness.isFinite else {
      throw VoxelithError(.data, "the thickness \(thickness) cm of the layer '\(name)' is not positive")
    }
    self.name = name
    self.material = material
    self.density = density
    self.thickness = thickness
    self.side = side
    self.x = x
  }

  /// Linear attenuation coefficient in 1/cm.
  public func attenuation(energy: Double) -> Double {
    material.attenuation(energy: energy, density: density, x: x)
  }

  /// Optical thickness of the way in at the beam's energy, or of the way out at that of a scattered photon.
  func depth(entering energy: Double) -> Double {
    side == .exit ? 0 : thickness * attenuation(energy: energy)
  }
  func depth(leaving energy: Double) -> Double {
    side == .entrance ? 0 : thickness * attenuation(energy: energy)
  }
}

extension Sequence where Element == AbsorbingLayer {
  /// What the layers let through: of the beam at `incident` keV and of scattered photons at `energy` keV.
  ///
  /// exp(-sum mu t), with the coefficients of each way's own energy (Beer and Lambert).
  public func transmission(incident: Double, scattered energy: Double) -> Double {
    exp(-reduce(0) { $0 + $1.depth(entering: incident) + $1.depth(leaving: energy) })
  }
}
