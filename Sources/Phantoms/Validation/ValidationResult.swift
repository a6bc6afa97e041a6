import Volumetry

/// What a validation found for one case and one method.
public struct ValidationResult: Sendable, Hashable, Codable {
  public var kind: ValidationSettings.Kind
  public var method: ValidationMethod
  public var counts: Double
  public var x: Double
  public var voxels: Int
  /// Voxels that got no value.
  public var masked: Int
  public var repeats: Int
  /// Mean of x minus truth, and its standard deviation.
  public var bias: Double?
  public var biasError: Double?
  /// Mean of the stated sigma, and the part that the standards cause.
  public var meanSigma: Double?
  public var meanSharedSigma: Double?
  public var biasOverSigma: Double?
  /// Standard deviation of x minus truth.
  public var spread: Double?
  /// Mean of the Cramer-Rao bound for known spectra.
  public var bound: Double?
  /// Standard deviation of errors that are each divided by their voxel's bound.
  public var spreadOverBound: Double?
  /// The same with the bound for spectra that are known from the counted standards.
  public var spreadOverBoundWithStandards: Double?
  /// Standard deviation of errors that are each divided by their stated sigma.
  public var spreadOverSigma: Double?
  /// Standard deviation of the three ratios of spreads, as a part of them.
  public var relativeErrorOfSpread: Double?
  public var coverage68: Coverage
  public var coverage95: Coverage
  /// Change of the error from one edge of the detector to the other, where columns differ.
  public var trend: Double?
  public var trendError: Double?
  public var verdict: ValidationVerdict

  enum CodingKeys: String, CodingKey {
    case kind = "case"
    case method
    case counts = "counts_per_voxel"
    case x, voxels, masked, repeats, bias
    case biasError = "bias_sigma"
    case meanSigma = "mean_sigma_x"
    case meanSharedSigma = "mean_sigma_x_of_calibration"
    case biasOverSigma = "bias_over_sigma"
    case spread
    case bound = "cramer_rao_bound"
    case spreadOverBound = "spread_over_bound"
    case spreadOverBoundWithStandards = "spread_over_bound_with_standards"
    case spreadOverSigma = "spread_of_error_over_sigma"
    case relativeErrorOfSpread = "relative_sigma_of_spreads"
    case coverage68 = "coverage_68"
    case coverage95 = "coverage_95"
    case trend = "trend_per_detector_width"
    case trendError = "trend_sigma"
    case verdict
  }

  init(
    _ tally: ValidationTally, kind: ValidationSettings.Kind, method: ValidationMethod, counts: Double,
    x: Double
  ) {
    func number(_ value: Double) -> Double? { value.isFinite ? value : nil }
    self.kind = kind
    self.method = method
    self.counts = counts
    self.x = x
    let count = tally.errors.count
    voxels = count
    masked = tally.missing
    repeats = tally.repeats.count
    if count > 0 {
      bias = tally.errors.mean
      meanSigma = tally.sigmas.mean
      biasOverSigma = tally.errors.mean / tally.sigmas.mean
      bound = number(tally.bounds.mean)
      meanSharedSigma = tally.sharedSigmas.count > 0 ? tally.sharedSigmas.mean : nil
    }
    if count > 1 {
      biasError = number(tally.biasError)
      spread = number(tally.errors.standardDeviation)
      spreadOverBound = number(tally.relative.standardDeviation)
      spreadOverBoundWithStandards = number(tally.relativeWithStandards.standardDeviation)
      spreadOverSigma = number(tally.pulls.standardDeviation)
      relativeErrorOfSpread = 1 / (2 * Double(count)).squareRoot()
    }
    coverage68 = Coverage(tally.inside68, of: count)
    coverage95 = Coverage(tally.inside95, of: count)
    trend = tally.trend?.slope
    trendError = tally.trend?.sigma
    verdict = ValidationVerdict()
    verdict = ValidationVerdict(self)
  }
}

/// Whether each figure keeps within its limit.
public struct ValidationVerdict: Sendable, Hashable, Codable {
  public enum Outcome: String, Sendable, Hashable, Codable {
    case holds
    case fails
    /// The limit lies within two standard deviations of the figure: more voxels would tell.
    case undecided
  }

  /// |bias| below 0.05 sigma.
  public var bias = Outcome.undecided
  /// Spread within 1.03 of the bound, or 1.10 below 50 000 counts.
  public var spread = Outcome.undecided
  /// Spread of error over sigma within 0.97 to 1.03.
  public var sigma = Outcome.undecided
  /// 95 % intervals hold the truth in 94 to 96 % of the voxels.
  public var coverage = Outcome.undecided
  /// |trend| below 0.01 per detector width; nil where columns do not differ.
  public var trend: Outcome?

  init() {}

  init(_ result: ValidationResult) {
    func judge(_ value: Double?, _ error: Double?, _ low: Double, _ high: Double) -> Outcome {
      guard let value, let error else { return .undecided }
      let distance = min(value - low, high - value)
      return distance > 2 * error ? .holds : distance < -2 * error ? .fails : .undecided
    }
    let part = result.relativeErrorOfSpread
    let ratio = result.meanSigma.flatMap { sigma in result.biasError.map { $0 / sigma } }
    bias = judge(result.biasOverSigma, ratio, -0.05, 0.05)
    spread = judge(
      result.spreadOverBound, part.flatMap { part in result.spreadOverBound.map { $0 * part } }, 0,
      result.counts < 5e4 ? 1.10 : 1.03)
    sigma = judge(
      result.spreadOverSigma, part.flatMap { part in result.spreadOverSigma.map { $0 * part } }, 0.97, 1.03)
    coverage = judge(
      result.coverage95.value, (result.coverage95.high - result.coverage95.low) / (2 * ValidationTally.outer),
      0.94, 0.96)
    trend = result.trendError.map { judge(result.trend, $0, -0.01, 0.01) }
  }

  /// All outcomes.
  public var all: [Outcome] { [bias, spread, sigma, coverage] + [trend].compactMap { $0 } }
}
