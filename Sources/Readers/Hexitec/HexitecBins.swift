import Volumetry

/// Axes of HEXITEC files.
enum HexitecBins {
  /// The axis of bins given by their starts.
  ///
  /// - Throws: `data` where they run beyond 1000, since they then count detector units.
  static func axis(
    starts: [Double], keepsDetectorUnits: Bool = false, file: String
  ) throws(VoxelithError) -> EnergyAxis {
    guard starts.count >= 2 else { return try EnergyAxis(centers: starts, file: file) }
    if !keepsDetectorUnits, let last = starts.last, last > 1000 {
      throw VoxelithError(
        .data, "the bins run to \(last): they are detector units and not keV", file: file,
        advice:
          "give --energy-coefficients (keV at bin 0, keV a bin), or the gain of every pixel from calibrate-energy"
      )
    }
    let last = starts.count - 1
    let centers = starts.indices.map { index in
      index < last
        ? 0.5 * (starts[index] + starts[index + 1])
        : starts[last] + 0.5 * (starts[last] - starts[last - 1])
    }
    return try EnergyAxis(centers: centers, file: file)
  }
}
