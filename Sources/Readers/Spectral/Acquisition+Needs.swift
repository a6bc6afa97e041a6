public import Volumetry

extension Acquisition {
  /// - Throws: `data` where the energy of the beam is not known, naming how to give it.
  public func requiredIncidentEnergy(file: String? = nil) throws(VoxelithError) -> Double {
    guard let incidentEnergy else {
      throw Self.missing("the energy of the beam", "incident_energy_keV", file: file)
    }
    return incidentEnergy
  }

  private static func missing(_ what: String, _ key: String, file: String?) -> VoxelithError {
    VoxelithError(
      .data, "\(what) is not in the file", file: file, advice: "give it as \(key) or as an option")
  }

  /// - Throws: `data` where a number is not possible or angles per pixel do not fit the grid.
  func validate(grid: Grid, file: String) throws(VoxelithError) {
    let numbers = [
      ("incident energy", incidentEnergy), ("energy resolution", energyResolution), ("live time", liveTime),
    ]
    for (name, value) in numbers {
      if let value, !(value.isFinite && value > 0) {
        throw VoxelithError(.data, "the \(name) \(value) is not a positive number", file: file)
      }
    }
    if let voxelLiveTimes {
      guard voxelLiveTimes.count == grid.shape.count,
        voxelLiveTimes.allSatisfy({ $0.isNaN || ($0 > 0 && $0.isFinite) })
      else {
        throw VoxelithError(
          .data, "the live times of the voxels are not \(grid.shape.count) positive numbers", file: file,
          advice: "give one for all with --live-time")
      }
    }
    switch scatteringAngle {
    case .none: return
    case .uniform(let angle):
      guard angle > 0, angle <= 180 else {
        throw VoxelithError(
          .data, "the scattering angle \(angle) deg is not between 0 and 180", file: file)
      }
    case .perPixel(let height, let width, let values):
      guard height == grid.shape.y, width == grid.shape.x, values.count == height * width else {
        throw VoxelithError(
          .data,
          "the scattering angles of \(height)x\(width) pixels do not fit \(grid.shape.y)x\(grid.shape.x) (y, x)",
          file: file)
      }
    }
  }
}
