public import Compton
public import Volumetry

/// What a validation runs: an instrument, and the cases whose errors are to be tested.
public struct ValidationSettings: Sendable {
  /// Whether other phases are in the voxels.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// Voxels filled with active material.
    case clean
    /// Active material beside other phases, whose fractions are known.
    case mixture
  }

  /// Beam, detector, axis, formula, background and the standards' x. Its `counts` are taken from ``counts``.
  public var bench = TwinSettings()
  public var kinds = Kind.allCases
  /// Counts over all bins of a voxel filled with active material at x = 0.5, without background.
  public var counts: [Double] = [1e6, 1e5, 1e4]
  /// True lithium content.
  public var x: [Double] = [0.9]
  /// Voxels of each case, over all repeats.
  public var voxels = 4000
  /// Independent measurements of the standards, each with its share of the voxels.
  public var repeats = 40
  /// Counts of each standard at x = 0.5; nil for 400 times those of a voxel.
  public var standardCounts: Double?
  /// Standard deviation of each standard's x.
  public var standardSigma = 0.0
  /// Phases of a mixture; nil for electrolyte and carbon with binder.
  public var phases: [PhaseMaterial]?
  /// Range of the part of other phases in a voxel of a mixture.
  public var otherFraction: ClosedRange<Double> = 0.1...0.4
  /// Standard deviation with which each fraction is known.
  public var fractionSigma = 0.0
  /// Columns of the detector, where the scattering angle differs among them.
  public var columns = 40
  public var methods = ValidationMethod.allCases
  public var calibration = CalibrationOptions()
  public var seed: UInt64 = 1

  public init() {}

  /// - Throws: `usage` where a number makes no sense.
  public func validate() throws(VoxelithError) {
    func require(_ condition: Bool, _ message: String) throws(VoxelithError) {
      if !condition { throw VoxelithError(.usage, message) }
    }
    try bench.validate()
    try require(!kinds.isEmpty && !counts.isEmpty && !x.isEmpty, "there is no case to validate")
    try require(!methods.isEmpty, "there is no method to validate")
    try require(counts.allSatisfy { $0 >= 1 && $0 < 1e12 }, "the counts of a voxel must be 1 to 10^12")
    try require(x.allSatisfy(\.isFinite), "x must be a number")
    try require(voxels >= 2 && voxels <= 100_000_000, "a validation needs 2 to 10^8 voxels")
    try require(repeats >= 1 && repeats <= voxels, "there must be 1 repeat or more, and a voxel for each")
    try require(
      standardCounts.map { $0 >= 1 && $0 < 1e15 } ?? true, "the counts of a standard must be 1 to 10^15")
    try require(standardSigma >= 0 && standardSigma.isFinite, "the standards' error must not be negative")
    try require(
      otherFraction.lowerBound >= 0 && otherFraction.upperBound < 1,
      "the part of other phases must lie within 0 to 1, with 1 excluded")
    try require(fractionSigma >= 0 && fractionSigma < 0.5, "the fractions' error must lie within 0 to 0.5")
    try require(
      bench.angleSpread == 0 || (columns >= 2 && columns <= voxels),
      "a spread of angles needs two columns or more, and a voxel for each")
  }
}

/// A way from spectra to lithium that a validation judges.
public enum ValidationMethod: String, Sendable, Hashable, Codable, CaseIterable {
  /// The profile fit, with the fractions of other phases in mixtures.
  case profile
  /// The profile fit that knows nothing of other phases.
  case profileBlind = "profile-no-fractions"
  /// The profile fit that finds the amounts of other phases by itself.
  case profileFree = "profile-free"
  /// The S-parameter as it is used today: no other phase is subtracted.
  case sParameter = "s-parameter"
  /// The S-parameter after the spectra of other phases were subtracted by their fractions.
  case sParameterCorrected = "s-parameter-fractions"
  case valenceCore = "valence-core"
  case valenceCoreCorrected = "valence-core-fractions"

  /// The map's method behind it.
  public var map: MapMethod {
    switch self {
    case .profile, .profileBlind, .profileFree: .profile
    case .sParameter, .sParameterCorrected: .sParameter
    case .valenceCore, .valenceCoreCorrected: .valenceCore
    }
  }

  /// Whether fractions are given to the map in a mixture.
  public var usesFractions: Bool {
    switch self {
    case .profile, .sParameterCorrected, .valenceCoreCorrected: true
    case .profileBlind, .profileFree, .sParameter, .valenceCore: false
    }
  }

  /// Whether the method says something of its own for a case.
  func applies(to kind: ValidationSettings.Kind) -> Bool {
    switch self {
    case .profile, .sParameter, .valenceCore: true
    case .profileBlind, .profileFree, .sParameterCorrected, .valenceCoreCorrected: kind == .mixture
    }
  }
}
