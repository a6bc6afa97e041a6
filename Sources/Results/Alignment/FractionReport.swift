public import Microstructure
import Volumetry

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

  /// Standard deviations by cause. `alignment`, `grey_values`, `thresholds` and `border` are shared by all
  /// voxels; `sampling`, `noise` and `given` are each voxel's own.
  public struct Sigma: Codable, Sendable {
    /// From the covariance of the alignment.
    public var alignment: Double
    /// From the grey values of pure phases, where fractions come from grey values.
    public var greyValues: Double
    /// From the uncertainty of the thresholds, where labels decide.
    public var thresholds: Double
    /// From what may lie beyond the border of the XCT.
    public var border: Double
    /// From summing voxels up, measured against dense points.
    public var sampling: Double
    /// From the noise of the grey values, and what the scan's blur carries across the borders of voxels.
    public var noise: Double
    /// What the pipeline was told.
    public var given: Double
    public var shared: Double
    public var own: Double
    public var total: Double

    enum CodingKeys: String, CodingKey {
      case alignment, thresholds, border, sampling, noise, given, shared, own, total
      case greyValues = "grey_values"
    }
  }

  /// The active material first, then the components in the order of the standards.
  public var phases: [Phase]
  public var voxels: Int
  /// Voxels of which the XCT sees enough; the others are missing.
  public var covered: Int
  public var minimumCoverage: Double
  /// The standard deviation that the map takes for every fraction: what is each voxel's own, of the components.
  public var mapSigma: Double
  /// Covariance between phases of the errors of one voxel.
  public var ownCovariance: [[Double]]
  /// Causes of the errors that all voxels share, in the order of `fraction_modes.tif`.
  public var modes: [String]
  /// The grey values of pure phases that the fractions come from; nil where labels decide, with the reason.
  public var grey: GreyModel?
  public var greyReason: String?
  /// Variance of the scan's blur that was taken off the point spread, where fractions come from grey values.
  public var blur: PartialVolume.BlurVariance?
  /// Against the true fractions of a twin, by phase.
  public var truth: [String: TruthComparison]?

  enum CodingKeys: String, CodingKey {
    case phases, voxels, covered, truth, modes, grey
    case minimumCoverage = "minimum_coverage"
    case mapSigma = "fraction_sigma_of_map"
    case ownCovariance = "own_covariance"
    case greyReason = "grey_reason"
    case blur = "blur_variance"
  }
}
