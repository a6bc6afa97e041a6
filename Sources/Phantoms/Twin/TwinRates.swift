import Compton
import Volumetry

/// Expected counts per second and bin of a filled voxel volume, for one scattering angle.
public struct TwinRates: Sendable {
  /// Active material at x = 0, and its increase per unit of x.
  public let constant: [Double]
  public let slope: [Double]
  public let components: [[Double]]
  public let background: [Double]

  /// - Parameters:
  ///   - scale: counts per second for each barn per steradian and mole per cm3.
  init(
    materials: ElectrodeMaterials, model: SpectrumModel, scale: Double, background: [Double]
  ) throws(VoxelithError) {
    func rate(_ phase: PhaseMaterial, x: Double) throws(VoxelithError) -> [Double] {
      let profile = try MaterialProfile(phase.formula, x: x)
      let units = phase.density / phase.formula.molarMass(x: 1)
      return model.expected(profile).map { $0 * units * scale }
    }
    let empty = try rate(materials.active, x: 0)
    let full = try rate(materials.active, x: 1)
    constant = empty
    slope = zip(full, empty).map { $0 - $1 }
    components = try materials.components.map { component throws(VoxelithError) in
      try rate(component, x: 0)
    }
    self.background = background
  }
}
