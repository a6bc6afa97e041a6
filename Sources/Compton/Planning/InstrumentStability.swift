public import Volumetry

/// What each difference between the instrument of the sample and that of the standards does to x, what a correction leaves of it, and
/// how stable the instrument must be for a wanted error.
public struct InstrumentStability: Sendable, Hashable, Codable {
  public struct Entry: Sendable, Hashable, Codable {
    public var name: String
    public var unit: String?
    /// The size that the table is for: one standard deviation of the prior.
    public var size: Double
    /// By how much x is off where nothing is corrected.
    public var biasOfX: Double
    /// Standard deviation of x when this effect alone is corrected by the summed spectrum.
    public var sigmaWhenCorrected: Double
    /// Size that leaves the wanted error without a correction.
    public var stability: Double?
    /// Counts of the map from which on the sum shows an effect of this size at three standard deviations.
    public var countsToSee: Double

    enum CodingKeys: String, CodingKey {
      case name, unit, size, stability
      case biasOfX = "bias_of_x"
      case sigmaWhenCorrected = "sigma_x_when_corrected"
      case countsToSee = "counts_to_see"
    }
  }

  public var x: Double
  /// Counts of all voxels together.
  public var mapCounts: Double
  public var target: Double?
  public var entries: [Entry]
  /// Standard deviation of the mean of x with all effects free within their priors.
  public var sigmaOfAll: Double

  enum CodingKeys: String, CodingKey {
    case x, entries
    case mapCounts = "map_counts"
    case target = "target_sigma_x"
    case sigmaOfAll = "sigma_x_of_all_effects"
  }

  /// - Parameters:
  ///   - mapCounts: counts of all voxels of a map together.
  ///   - target: wanted standard deviation of the mean of x.
  /// - Throws: `data` where settings name what does not exist.
  public init(
    _ calibration: Calibration, x: Double? = nil, mapCounts: Double = 1e9, target: Double? = nil,
    settings: InstrumentSettings = InstrumentSettings()
  ) throws(VoxelithError) {
    let x = x ?? 0.5 * (calibration.range[0] + calibration.range[1])
    let basis = calibration.methods.profile
    let spectrum = SummedSpectrum(
      basis, counts: mapCounts, of: basis, x: x, axis: try calibration.energyAxis(),
      geometry: try calibration.geometry())
    let (effects, equations) = try spectrum.equations(
      response: calibration.response, settings: settings, x: x)
    var system = EffectSystem(effects, settings: settings)
    system.add(normal: equations.normal, right: equations.right, chiSquared: 0, pull: equations.pull)
    self.x = x
    self.mapCounts = mapCounts
    self.target = target
    entries = effects.indices.filter { effects[$0] == effects[$0].family }.map { index in
      let words = settings.words(effects[index])
      let size = settings.prior(effects[index])
      let pull = equations.pull[index]
      let information = max(equations.normal[index, index], 1e-300)
      return Entry(
        name: words.name, unit: words.unit.isEmpty ? nil : words.unit, size: size, biasOfX: pull * size,
        sigmaWhenCorrected: (system.solve([index], noise: 1)?.variance ?? .nan).squareRoot(),
        stability: target.map { $0 / max(abs(pull), 1e-300) },
        countsToSee: 9 * mapCounts / (information * size * size))
    }
    sigmaOfAll = (system.solve(Array(effects.indices), noise: 1)?.variance ?? .nan).squareRoot()
  }
}
