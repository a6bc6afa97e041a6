public import Volumetry

/// What the standards taught: for each method its windows or basis, coefficients, covariance, range of x and
/// goodness of fit. Stored as `calibration.json`.
public struct Calibration: Sendable, Hashable, Codable {
  public static let currentFormat = 1

  public var format: Int
  public var incidentEnergy: Double
  public var scatteringAngle: Double
  public var response: DetectorResponse
  public var formula: String?
  /// Centres of the energy bins in keV.
  public var energy: [Double]
  /// Smallest and largest x of the standards.
  public var range: [Double]
  public var standards: [StandardSummary]
  public var methods: Methods
  /// The profile fit's spectra of each ring of pixels, where the standards were measured on the sample's detector.
  public var rings: [Ring]?
  /// Whether x of the standards follows from charge that passed through the cell; nil for no.
  public var isFromCharge: Bool?

  /// What was measured on one standard.
  public struct StandardSummary: Sendable, Hashable, Codable {
    public var name: String
    public var x: Double
    public var xSigma: Double
    public var counts: Double
    public var liveTime: Double?
    /// x that the profile fit gives for the standard's own spectrum, and its error from counting alone.
    public var fittedX: Double?
    public var fittedSigma: Double?

    enum CodingKeys: String, CodingKey {
      case name, x, counts
      case xSigma = "x_sigma"
      case liveTime = "live_time_s"
      case fittedX = "fitted_x"
      case fittedSigma = "fitted_x_sigma"
    }
  }

  public struct Methods: Sendable, Hashable, Codable {
    public var profile: ProfileBasis
    public var sParameter: RatioCalibration
    /// Nil where no formula told which electrons are core.
    public var valenceCore: RatioCalibration?

    enum CodingKeys: String, CodingKey {
      case profile
      case sParameter = "s-parameter"
      case valenceCore = "valence-core"
    }
  }

  enum CodingKeys: String, CodingKey {
    case format = "format_version"
    case incidentEnergy = "incident_energy_keV"
    case scatteringAngle = "scattering_angle_deg"
    case response
    case formula
    case energy = "energy_keV"
    case range = "x_range"
    case standards, methods, rings
    case isFromCharge = "x_from_charge"
  }

  /// Energy axis of the calibration.
  public func energyAxis() throws(VoxelithError) -> EnergyAxis { try EnergyAxis(centers: energy) }

  public func geometry() throws(VoxelithError) -> ScatteringGeometry {
    try ScatteringGeometry(incidentEnergy: incidentEnergy, angle: scatteringAngle)
  }

  /// Checks what was read from a file.
  ///
  /// - Throws: `data` where the format is newer than this program or the arrays do not fit together.
  public func validate(file: String? = nil) throws(VoxelithError) {
    guard format <= Self.currentFormat else {
      throw VoxelithError(
        .data, "the calibration has format \(format), this program knows up to \(Self.currentFormat)",
        file: file, advice: "use a newer voxelith")
    }
    let bins = energy.count
    let basis = methods.profile
    let arrays =
      [
        basis.constant, basis.slope, basis.constantVariance, basis.crossCovariance, basis.slopeVariance,
        basis.background.rate, basis.background.variance,
      ] + basis.components.flatMap { [$0.rate, $0.variance] } + (basis.weights?.spectra ?? [])
    guard arrays.allSatisfy({ $0.count == bins && $0.allSatisfy(\.isFinite) }), basis.bins.count == 2,
      basis.window.count == 2, basis.bins[0] >= 0, basis.bins[1] <= bins, basis.bins[0] + 3 <= basis.bins[1],
      range.count == 2, range[0] < range[1], StandardsCovariance.isSound(basis.standardsCovariance),
      methods.sParameter.isSound, methods.valenceCore?.isSound ?? true,
      basis.weights.map({ $0.spectra.count == 2 + basis.components.count && 0...1 ~= $0.ownShare }) ?? true
    else {
      throw VoxelithError(
        .data, "the arrays of the calibration do not fit together", file: file,
        advice: "make it anew with voxelith calibrate")
    }
    try checkErrors(file: file)
    for ring in rings ?? [] {
      let own = [ring.profile.constant, ring.profile.slope, ring.profile.constantVariance]
      guard ring.angle > 0, ring.angle <= 180,
        own.allSatisfy({ $0.count == bins && $0.allSatisfy(\.isFinite) })
      else {
        throw VoxelithError(
          .data, "the rings of the calibration do not fit together", file: file,
          advice: "make it anew with voxelith calibrate")
      }
    }
    do {
      _ = try energyAxis()
      _ = try geometry()
    } catch {
      throw error.located(file: file)
    }
  }
}

/// How a calibration is made.
public struct CalibrationOptions: Sendable {
  /// Momenta in atomic units between which bins take part in the profile fit; chosen by the total error where nil.
  public var fitWindow: ClosedRange<Double>?
  /// Windows of the S-parameter; chosen by the optimiser where nil.
  public var sWindows: MomentumWindows?
  /// Windows of the valence-to-core ratio; chosen by the optimiser where nil.
  public var valenceWindows: MomentumWindows?
  public var side: MomentumWindows.Side
  /// Whether ratios are of J (bins divided by the cross-section) or of counts.
  public var correctsCrossSection: Bool
  /// Binding energy in keV from which a shell counts as core.
  public var coreThreshold: Double

  public init(
    fitWindow: ClosedRange<Double>? = nil, sWindows: MomentumWindows? = nil,
    valenceWindows: MomentumWindows? = nil, side: MomentumWindows.Side = .both,
    correctsCrossSection: Bool = true, coreThreshold: Double = 0.04
  ) {
    self.fitWindow = fitWindow
    self.sWindows = sWindows
    self.valenceWindows = valenceWindows
    self.side = side
    self.correctsCrossSection = correctsCrossSection
    self.coreThreshold = coreThreshold
  }
}
