public import Compton
public import Volumetry

extension MapSettings {
  /// The map of one state of a series, as `map` would make it.
  ///
  /// - Parameter correctsGain: whether the gain is taken that the state's summed spectrum tells.
  /// - Throws: what ``map(_:input:energies:calibration:transform:selection:memory:watches:resources:adjust:)`` and the fit of the gain throw.
  public func map(
    state source: any SpectralSource, input: SpectralInputSettings, calibration: Calibration,
    correctsGain: Bool, resources: Resources
  ) throws(VoxelithError) -> LithiumMap {
    var energies: PixelEnergies?
    if correctsGain {
      let drift = try DriftFit(
        source, calibration: calibration, withComponents: !calibration.methods.profile.components.isEmpty,
        resources: resources)
      let shape = source.grid.shape
      energies = try PixelEnergies(height: shape.y, width: shape.x, drift: drift)
    }
    return try map(
      source, input: input, energies: energies, calibration: calibration, watches: true, resources: resources
    ) { $0.wantsFractionPulls = true }
  }
}
