/// `fractions.json`: what the XCT says of the phases in the voxels of the spectra, and how sure it is.
public struct FractionReport: Codable, Sendable {
  public struct Phase: Codable, Sendable {
    public var name: String
    public var label: Int
    /// Mean over the voxels that the XCT covers.
    public var mean: Double
    /// Root mean squares over these voxels of the standard deviations by their causes, and of all together.
    public var sigma: Sigma
  }

  public struct Sigma: Codable, Sendable {
    /// From the covariance of the alignment.
    public var alignment: Double
    /// From the uncertainty of the thresholds.
    public var thresholds: Double
    /// From summing voxels up: what two ways to do it differ by.
    public var sampling: Double
    /// What the pipeline was told.
    public var given: Double
    public var total: Double
  }

  /// The active material first, then the components in the order of the standards.
  public var phases: [Phase]
  public var voxels: Int
  /// Voxels of which the XCT sees enough; the others are missing.
  public var covered: Int
  public var minimumCoverage: Double
  /// The standard deviation that the map takes for every fraction.
  public var mapSigma: Double
  /// Against the true fractions of a twin, by phase.
  public var truth: [String: TruthComparison]?

  enum CodingKeys: String, CodingKey {
    case phases, voxels, covered, truth
    case minimumCoverage = "minimum_coverage"
    case mapSigma = "fraction_sigma_of_map"
  }
}
