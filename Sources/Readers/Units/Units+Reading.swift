import Volumetry

extension Units {
  /// The factor of a unit that a file gives; `assumed` where it gives none.
  ///
  /// - Parameters:
  ///   - what: the quantity as messages name it.
  ///   - option: the option that stands above the file.
  /// - Throws: `data` where the file gives a unit that is not understood, with the list of those that are.
  static func factor(
    of spelling: String?, _ quantity: Quantity, assumed: Double, what: String, option: String, file: String,
    place: String
  ) throws(VoxelithError) -> Double {
    guard let spelling, !normalized(spelling).isEmpty else { return assumed }
    if let factor = factor(spelling, quantity) { return factor }
    throw notUnderstood(spelling, quantity, what: what, option: option, file: file, place: place)
  }

  static func notUnderstood(
    _ spelling: String, _ quantity: Quantity, what: String, option: String, file: String, place: String
  ) -> VoxelithError {
    VoxelithError(
      .data, "the unit '\(spelling)' of \(what) is not understood", file: file, place: place,
      advice: "give \(what) with \(option); units that are understood: \(list(quantity))")
  }

  /// Micrometres in one unit of a length in space; nil where the file gives none or says that it counts pixels, or where it
  /// is understood to be no length (an angle, say).
  ///
  /// - Throws: `data` where the unit is not understood at all.
  static func spacing(
    of spelling: String?, what: String, file: String, place: String
  ) throws(VoxelithError) -> Double? {
    guard let spelling, !isCount(spelling) else { return nil }
    if let factor = factor(spelling, .length) { return factor }
    for other in [Quantity.energy, .time, .angle] where factor(spelling, other) != nil { return nil }
    throw notUnderstood(
      spelling, .length, what: what, option: "--voxel-size", file: file, place: place)
  }

  /// Energy in keV of a photon whose wavelength is given in micrometres: h c / wavelength (CODATA 2018, exact).
  static func photonEnergy(wavelength: Double) -> Double { 1.239841984332003e-3 / wavelength }

  /// Energy of a beam in keV, from an energy or a wavelength.
  ///
  /// - Throws: `data` where the unit is not understood.
  static func beamEnergy(
    _ value: Double, _ spelling: String?, file: String, place: String
  ) throws(VoxelithError) -> Double {
    guard let spelling, !normalized(spelling).isEmpty else {
      return value * EnergyUnit.judged(from: [value]).inKeV
    }
    if let factor = factor(spelling, .energy) { return value * factor }
    if let factor = factor(spelling, .length) { return photonEnergy(wavelength: value * factor) }
    throw VoxelithError(
      .data, "the unit '\(spelling)' of the energy of the beam is not understood", file: file, place: place,
      advice: "give it with --incident-energy; units that are understood: \(list(.energy)), "
        + "and of a wavelength \(list(.length))")
  }
}
