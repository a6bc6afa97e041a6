public import Compton
import Foundation
import Readers
public import Volumetry

/// The CSV of `scatter`: photons scattered twice, for every million scattered once, and the geometry it was made for.
public enum ScatteringShape {
  private static let once = 1e6
  private static let onceKey = "scattered_once"
  private static let energyKey = "incident_energy_keV"
  private static let angleKey = "scattering_angle_deg"

  public static func write(
    _ spectrum: ScatteredSpectrum, geometry: ScatteringGeometry, seed: UInt64, histories: Int,
    to path: String,
    overwrite: Bool
  ) throws(VoxelithError) {
    let sum = spectrum.single.reduce(0, +)
    try SpectrumFile.write(
      try Spectrum(energy: spectrum.axis, counts: spectrum.double.map { $0 * once / sum }), to: path,
      comments: [
        "multiple scattering: photons scattered twice",
        "\(onceKey): \(once)", "\(energyKey): \(geometry.incidentEnergy)", "\(angleKey): \(geometry.angle)",
        "histories: \(histories)", "seed: \(seed)",
      ], overwrite: overwrite)
  }

  /// Photons scattered twice in each bin, over all that were scattered once.
  ///
  /// - Throws: `data` where the file is of another geometry or axis, or does not say how many were scattered once.
  public static func read(
    _ path: String, geometry: ScatteringGeometry, axis: EnergyAxis
  ) throws(VoxelithError) -> [Double] {
    let comments = try DelimitedTable.read(path).comments
    let spectrum = try SpectrumFile.read(path)
    func number(_ key: String) throws(VoxelithError) -> Double {
      if let value = said(key, comments) { return value }
      throw VoxelithError(
        .data, "does not say \(key), so it is not simulated scattering", file: path,
        advice: "make it with voxelith scatter")
    }
    let total = try number(onceKey)
    let energy = try number(energyKey)
    let angle = try number(angleKey)
    guard abs(energy - geometry.incidentEnergy) < 1e-3 * energy, abs(angle - geometry.angle) < 1 else {
      throw VoxelithError(
        .data,
        "was simulated for \(energy) keV and \(angle) degrees, the standards were measured at "
          + "\(geometry.incidentEnergy) keV and \(geometry.angle) degrees", file: path,
        advice: "simulate the geometry of the measurement")
    }
    guard spectrum.energy.matches(axis) else {
      throw VoxelithError(
        .data, "its energy bins differ from those of the standards", file: path,
        advice: "name one of the standards as spectrum: in scatter.yaml")
    }
    return spectrum.counts.map { $0 / total }
  }

  /// A shape for the summed spectrum of a map: the CSV of `scatter`, or any spectrum on the bins of the standards.
  ///
  /// - Throws: `data` where it says that it is of another geometry, its bins are not those of the calibration, or its sum is not
  ///   positive.
  static func supplied(
    _ path: String, for calibration: Calibration
  ) throws(VoxelithError) -> SuppliedShape {
    let comments = try DelimitedTable.read(path).comments
    let geometry = try calibration.geometry()
    let (energy, angle) = (said(energyKey, comments), said(angleKey, comments))
    guard energy.map({ abs($0 - geometry.incidentEnergy) < 1e-3 * $0 }) ?? true,
      angle.map({ abs($0 - geometry.angle) < 1 }) ?? true
    else {
      throw VoxelithError(
        .data,
        "was simulated for \(energy ?? geometry.incidentEnergy) keV and \(angle ?? geometry.angle) degrees, the standards were "
          + "measured at \(geometry.incidentEnergy) keV and \(geometry.angle) degrees", file: path,
        advice: "simulate the geometry of the measurement")
    }
    return try SuppliedShape(name: path, spectrum: try SpectrumFile.read(path))
  }

  /// A number that a comment of the file tells.
  private static func said(_ key: String, _ comments: [String]) -> Double? {
    for comment in comments {
      let parts = comment.split { $0 == ":" || $0 == " " }
      if parts.count == 2, parts[0] == key, let value = Double(parts[1]), value > 0 { return value }
    }
    return nil
  }
}
