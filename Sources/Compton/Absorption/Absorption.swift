import Foundation
public import Volumetry

/// A material that takes photons from the beam.
public struct AbsorbingPhase: Sendable, Hashable {
  public let name: String
  public let formula: ChemicalFormula
  /// Density in g/cm3.
  public let density: Double
  /// Lithium content at which the coefficient is taken, where the formula leaves it open; it hardly matters.
  public let x: Double

  /// - Throws: `data` where the density is not positive.
  public init(name: String, formula: ChemicalFormula, density: Double, x: Double = 0.5) throws(VoxelithError)
  {
    guard density.isFinite, density > 0 else {
      throw VoxelithError(.data, "the density \(density) g/cm3 of '\(name)' is not positive")
    }
    self.name = name
    self.formula = formula
    self.density = density
    self.x = x
  }

  /// Linear attenuation coefficient in 1/cm (xraylib, photoelectric and both scatterings).
  public func attenuation(energy: Double) -> Double {
    formula.attenuation(energy: energy, density: density, x: x)
  }
}

/// Absorption in the sample: of the beam on its way in at its own energy, of the scattered photons on their way out
/// at the energy of each bin.
///
/// Transmission of a voxel and bin: exp(-sum_k L_in,k mu_k(E1) - sum_k L_out,k mu_k(E2)), with the path lengths L
/// through each phase from the voxel's centre (Beer and Lambert), and what the layers around the volume take, the same for
/// every voxel.
public struct Absorption: Sendable {
  public let phases: [AbsorbingPhase]
  /// Where the phases are; nil where layers alone absorb.
  public let field: PhaseField?
  public let layers: [AbsorbingLayer]
  /// Direction of the beam and, across it, the side on which the camera stands: unit vectors x, y, z in the frame of
  /// the spectra.
  public let beam: SIMD3<Double>
  public let side: SIMD3<Double>

  /// - Parameters:
  ///   - beam: direction in which the beam travels.
  ///   - camera: direction from the sample to the camera; only its part across the beam matters, as the scattering
  ///     angle says the rest.
  /// - Throws: `data` where phases and field do not fit; `usage` where the directions make no plane.
  public init(
    phases: [AbsorbingPhase], field: PhaseField?, layers: [AbsorbingLayer] = [],
    beam: SIMD3<Double> = SIMD3(1, 0, 0), camera: SIMD3<Double> = SIMD3(0, 0, -1)
  ) throws(VoxelithError) {
    let count = field?.fractions.count ?? 0
    guard phases.count == count else {
      throw VoxelithError(.data, "there are \(phases.count) absorbing materials for \(count) phases")
    }
    guard field != nil || !layers.isEmpty else {
      throw VoxelithError(.data, "nothing absorbs", advice: "name phases with their labels, or layers")
    }
    self.layers = layers
    let length = (beam * beam).sum().squareRoot()
    let across = camera - (camera * beam).sum() / max(length * length, 1e-300) * beam
    let width = (across * across).sum().squareRoot()
    guard length > 0, length.isFinite, width > 1e-6, width.isFinite else {
      throw VoxelithError(
        .usage, "the directions of beam and camera must differ and must not be zero",
        advice: "give them as x,y,z in the frame of the spectra")
    }
    self.phases = phases
    self.field = field
    self.beam = beam / length
    side = across / width
  }

  /// Direction of photons scattered by an angle in degrees.
  func exit(angle: Double) -> SIMD3<Double> {
    let radians = angle * .pi / 180
    return cos(radians) * beam + sin(radians) * side
  }

  /// Number of path lengths of a voxel.
  var stride: Int { 2 * phases.count }

  /// Path lengths in cm from a point: on the way in through each phase, then on the way out at a scattering angle in
  /// degrees.
  public func paths(from point: SIMD3<Double>, angle: Double) -> [Double] {
    var lengths = [Float](repeating: 0, count: stride)
    paths(from: point, exit: exit(angle: angle), into: &lengths, at: 0)
    return lengths.map(Double.init)
  }

  /// Writes the path lengths in cm from `point`: in, then out, each phase by phase.
  func paths(from point: SIMD3<Double>, exit: SIMD3<Double>, into lengths: inout [Float], at start: Int) {
    guard let field else { return }
    field.addPaths(from: point, along: -1 * beam, into: &lengths, at: start)
    field.addPaths(from: point, along: exit, into: &lengths, at: start + phases.count)
  }
}
