public import Volumetry

/// Beam, detector and wish for which theory is asked.
public struct TheorySettings: Sendable, Hashable, Codable {
  /// keV.
  public var incidentEnergy = 115.6
  /// Degrees.
  public var angle = 90.0
  /// Full width at half maximum of the detector's line at the Compton peak, in keV.
  public var resolution = 0.8
  /// Momenta in atomic units that are fitted: |pz| below it.
  public var reach = 10.0
  /// Flat background counts over net counts.
  public var background = 0.0
  /// Net counts of a voxel for which errors are told.
  public var counts = 1e6
  /// Wanted sigma(x).
  public var target = 0.02
  public var significance = 2.0
  public var power = 0.5

  enum CodingKeys: String, CodingKey {
    case background, counts, significance, power
    case incidentEnergy = "incident_energy_keV"
    case angle = "scattering_angle_deg"
    case resolution = "energy_resolution_keV"
    case reach = "fitted_momenta_au"
    case target = "target_sigma_x"
  }

  public init() {}

  /// - Throws: `usage` where a number lies outside its range.
  public func validate() throws(VoxelithError) {
    try NumberRange.incidentEnergy.check(incidentEnergy, code: .usage)
    try NumberRange.scatteringAngle.check(angle, code: .usage)
    try NumberRange.energyResolution.check(resolution, code: .usage)
    try NumberRange.counts.check(counts, code: .usage)
    try NumberRange.wantedSigma.check(target, code: .usage)
    guard background.isFinite, background >= 0 else {
      throw VoxelithError(.usage, "the background must not be negative")
    }
    guard significance > 0, significance.isFinite else {
      throw VoxelithError(.usage, "the significance must be positive")
    }
    guard power >= 0.5, power < 1 else {
      throw VoxelithError(.usage, "the power must lie within 0.5 to 1, with 1 excluded")
    }
  }
}
