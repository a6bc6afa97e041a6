public import Volumetry

/// How precisely a method tells x: sigma(x)^2 = `sigmaOfOneCount`^2 / counts + `floor`^2.
public struct MethodPrecision: Sendable, Hashable, Codable {
  public var method: MapMethod
  /// Windows of a ratio; nil for the profile fit.
  public var windows: MomentumWindows?
  /// Standard deviation of x for one net count within the fit's window.
  public var sigmaOfOneCount: Double
  /// What counting does not beat: the counts of the standards, and their own errors of x.
  public var standardsCountsSigma: Double
  public var standardsXSigma: Double
  /// Beam time relative to the profile fit for the same error by counting.
  public var cost: Double

  enum CodingKeys: String, CodingKey {
    case method
    case windows = "windows_au"
    case sigmaOfOneCount = "sigma_x_of_one_count"
    case standardsCountsSigma = "sigma_x_of_standards_counts"
    case standardsXSigma = "sigma_x_of_standards_x"
    case cost = "beam_time_over_profile_fit"
  }

  /// The part of sigma(x) that all voxels share.
  public var floor: Double {
    (standardsCountsSigma * standardsCountsSigma + standardsXSigma * standardsXSigma).squareRoot()
  }

  /// sigma(x) of a voxel with so many net counts; infinite for none.
  public func sigma(counts: Double) -> Double {
    guard counts > 0 else { return .infinity }
    return (sigmaOfOneCount * sigmaOfOneCount / counts + floor * floor).squareRoot()
  }

  /// Net counts that bring sigma(x) to a value; nil where the standards forbid it.
  public func counts(sigma: Double) -> Double? {
    let own = sigma * sigma - floor * floor
    return own > 0 ? sigmaOfOneCount * sigmaOfOneCount / own : nil
  }

  /// The smallest difference of two voxels or states of so many counts each that is seen.
  ///
  /// The errors of the standards are the same for both and cancel.
  ///
  /// - Parameters:
  ///   - significance: how many standard deviations a difference must have to be believed.
  ///   - power: the probability that a difference of this size passes for it; 0.5 gives `significance` sigma.
  public func detectionLimit(counts: Double, significance: Double = 2, power: Double = 0.5) -> Double {
    guard counts > 0 else { return .infinity }
    return (significance + Distributions.normalQuantile(power)) * sigmaOfOneCount * (2 / counts).squareRoot()
  }

  /// Net counts of each of two voxels or states that make a difference seen.
  public func counts(difference: Double, significance: Double = 2, power: Double = 0.5) -> Double {
    let part =
      (significance + Distributions.normalQuantile(power)) * sigmaOfOneCount / difference
    return 2 * part * part
  }
}

extension MethodPrecision {
  /// The methods of a calibration at `x`, the profile fit first.
  ///
  /// - Parameters:
  ///   - backgroundFraction: background counts over net counts within the fit's window; nil for what the
  ///     calibration's background is to a filled voxel.
  /// - Throws: `data` where the spectra cannot be told apart or windows miss the axis.
  public static func all(
    of calibration: Calibration, x: Double, backgroundFraction: Double? = nil
  ) throws(VoxelithError) -> [MethodPrecision] {
    let model = try Model(calibration, x: x, backgroundFraction: backgroundFraction)
    var result = [try model.profile()]
    for method in [MapMethod.sParameter, .valenceCore] {
      let line =
        method == .sParameter ? calibration.methods.sParameter : calibration.methods.valenceCore
      if let line { result.append(try model.ratio(method, line: line, profile: result[0])) }
    }
    return result
  }

  /// The windows that tell x best at this background, as ``all(of:x:backgroundFraction:)`` judges those of the
  /// calibration.
  ///
  /// - Parameters:
  ///   - hasGap: whether the outer window may begin above the inner one's border (valence-to-core ratio).
  /// - Returns: the windows, sigma(x) for one count, and the beam time over that of the profile fit.
  public static func bestWindows(
    of calibration: Calibration, x: Double, hasGap: Bool, backgroundFraction: Double? = nil
  ) throws(VoxelithError) -> WindowPrecision {
    let model = try Model(calibration, x: x, backgroundFraction: backgroundFraction)
    var basis = calibration.methods.profile
    basis.background.rate = model.background.map { $0 / model.amplitude }
    let choice = try WindowOptimizer.best(
      basis: basis, energy: try calibration.energyAxis(), geometry: try calibration.geometry(), x: x,
      hasGap: hasGap, side: calibration.methods.sParameter.windows.side,
      correctsCrossSection: calibration.methods.sParameter.correctsCrossSection)
    let own = try model.profile().sigmaOfOneCount
    return WindowPrecision(
      windows: choice.windows, sigmaOfOneCount: choice.sigmaOfOneCount,
      cost: choice.sigmaOfOneCount * choice.sigmaOfOneCount / (own * own))
  }

  /// Expected counts of one net count within the fit's window.
  private struct Model {
    let calibration: Calibration
    let x: Double
    /// What multiplies the basis.
    let amplitude: Double
    let background: [Double]

    init(
      _ calibration: Calibration, x: Double, backgroundFraction: Double?
    ) throws(VoxelithError) {
      let basis = calibration.methods.profile
      let net = basis.fitRange.reduce(0.0) { $0 + basis.constant[$1] + x * basis.slope[$1] }
      guard x.isFinite, net > 0 else {
        throw VoxelithError(.data, "the calibration expects no counts at x = \(x)")
      }
      self.calibration = calibration
      self.x = x
      amplitude = 1 / net
      let rate = basis.background.rate
      let total = basis.fitRange.reduce(0.0) { $0 + rate[$1] }
      if let backgroundFraction {
        background =
          total > 0
          ? rate.map { max(0, $0) * backgroundFraction / total }
          : rate.map { _ in backgroundFraction / Double(basis.fitRange.count) }
      } else {
        background = rate.map { max(0, $0) / net }
      }
    }

    func profile() throws(VoxelithError) -> MethodPrecision {
      let basis = calibration.methods.profile
      let information = try ProfileInformation(
        basis, x: x, amplitude: amplitude, background: background)
      let shared = information.sharedCovariance(with: information, basis: basis)
      return MethodPrecision(
        method: .profile, windows: nil, sigmaOfOneCount: information.countingSigma,
        standardsCountsSigma: max(0, shared.counts).squareRoot(),
        standardsXSigma: max(0, shared.standards).squareRoot(), cost: 1)
    }

    /// The expected counts carry no noise, so counting and the line's own error come apart.
    func ratio(
      _ method: MapMethod, line: RatioCalibration, profile: MethodPrecision
    ) throws(VoxelithError) -> MethodPrecision {
      let basis = calibration.methods.profile
      let weights = try WindowRatio(
        windows: line.windows, energy: try calibration.energyAxis(), geometry: try calibration.geometry(),
        correctsCrossSection: line.correctsCrossSection)
      let expected = background.indices.map {
        max(0, amplitude * (basis.constant[$0] + x * basis.slope[$0])) + background[$0]
      }
      let estimate = weights.estimate(counts: expected, background: background)
      let lithium = line.lithium(ratio: estimate.value, sigma: estimate.sigma)
      let counting = max(0, lithium.sigma * lithium.sigma - lithium.sharedSigma * lithium.sharedSigma)
      return MethodPrecision(
        method: method, windows: line.windows, sigmaOfOneCount: counting.squareRoot(),
        standardsCountsSigma: lithium.sharedSigma, standardsXSigma: 0,
        cost: counting / (profile.sigmaOfOneCount * profile.sigmaOfOneCount))
    }
  }
}

/// Windows and what they cost.
public struct WindowPrecision: Sendable, Hashable, Codable {
  public var windows: MomentumWindows
  public var sigmaOfOneCount: Double
  /// Beam time over that of the profile fit.
  public var cost: Double

  enum CodingKeys: String, CodingKey {
    case windows = "windows_au"
    case sigmaOfOneCount = "sigma_x_of_one_count"
    case cost = "beam_time_over_profile_fit"
  }
}
