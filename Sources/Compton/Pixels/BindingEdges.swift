import Volumetry

/// What binding leaves of the spectrum that free electrons of the same momenta would give: a shell takes part only where the
/// photon's loss exceeds its binding energy.
///
/// Edges stand at fixed losses, so that spectra which are carried at equal momentum must lose those of the angle that they
/// come from and gain those of the angle that they go to. Only ratios of theory enter, 1 except about the edges.
struct BindingEdges {
  private let axis: EnergyAxis
  private let parts: [Double]

  /// Parts below which a ratio of two says nothing.
  private static let least = 1e-3

  /// - Parameter resolution: FWHM of the line that the spectra on the axis still have, keV.
  init(
    _ formula: ChemicalFormula, axis: EnergyAxis, geometry: ScatteringGeometry, resolution: Double
  ) throws(VoxelithError) {
    self.axis = axis
    let model = SpectrumModel(
      energy: axis, geometry: geometry, response: try DetectorResponse(resolution: resolution))
    let profile = try MaterialProfile(formula, x: 0, model: .neutral)
    let bound = model.expected(profile)
    let free = model.expected(FreeProfile(base: profile))
    parts = zip(bound, free).map { $1 > 0 ? max($0 / $1, Self.least) : 1 }
  }

  /// The part at the centre of a bin.
  subscript(bin: Int) -> Double { parts[bin] }

  func part(at place: Interpolation) -> Double { max(place.value(of: parts), Self.least) }
}

/// A profile whose shells all take part at any loss.
private struct FreeProfile: MomentumProfile {
  let base: MaterialProfile
  var electrons: Double { base.electrons }
  func value(at pz: Double, loss: Double) -> Double { base.value(at: pz, loss: .infinity) }
}
