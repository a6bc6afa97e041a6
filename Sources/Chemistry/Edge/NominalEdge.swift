public import Volumetry

extension EdgeQuantity {
  /// The energy in eV at which a spectrum rises most steeply, by local cubics: the nominal edge where nobody gives one.
  ///
  /// - Parameter halfWidth: of the cubics in eV; by default the larger of 3 eV and 3 steps.
  /// - Throws: `data` where the spectrum has fewer than seven energies or rises nowhere.
  public static func nominalEdge(
    _ spectrum: [Double], energy: EnergyAxis, halfWidth: Double? = nil, name: String
  ) throws(VoxelithError) -> Double {
    let axis = SpectralAxis(energy, name: name)
    guard axis.count >= 7 else {
      throw VoxelithError(.data, "\(axis.count) energies are too few for an edge", file: name)
    }
    let local = try LocalCubics(Array(2..<(axis.count - 2)), axis: axis, halfWidth: halfWidth)
    var found: Int?
    var best = 0.0
    for place in 0..<local.count {
      let slope = local.value(1, place, spectrum)
      if slope > best {
        best = slope
        found = place
      }
    }
    guard let found else {
      throw VoxelithError(
        .data, "the summed spectrum rises nowhere: no edge is found", file: name,
        advice: "give the edge with --e0")
    }
    return local.energy(found)
  }
}
