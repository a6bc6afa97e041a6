import Volumetry

extension DetectorResponse {
  /// Checks that a response can be that of a detector, and that spectra on an axis can show it.
  ///
  /// - Throws: `data` where a number is beyond its range, or the line or its tail is wider than the axis is long.
  func check(against axis: EnergyAxis) throws(VoxelithError) {
    // Zero stands for no broadening at all.
    if resolution != 0 { try NumberRange.energyResolution.check(resolution) }
    try NumberRange.tailFraction.check(tailFraction)
    try NumberRange.tailLength.check(tailLength)
    for point in efficiency {
      try NumberRange.efficiencyEnergy.check(point.energy)
      try NumberRange.efficiencyValue.check(point.value)
    }
    guard let first = axis.centers.first, let last = axis.centers.last else { return }
    let span = last - first
    for (name, width) in [("energy_resolution_keV", resolution), ("tail_length_keV", tailLength)]
    where width > span {
      throw VoxelithError(
        .data, "\(name) is \(width), wider than the energy axis (\(first) to \(last) keV)",
        advice: "give widths in keV")
    }
  }
}
