public import Chemistry
import Volumetry

/// `chemistry.json`: numbers over all voxels of a chemical map.
public struct ChemistryReport: Codable, Sendable {
  public var format = 1
  public var quantity: ChemistryKind
  public var unit: String
  public var shape: [Int]
  public var voxelSize: [Double]?
  public var voxels: Int
  public var mapped: Int
  /// Voxels by reason, with the number that `mask.tif` holds for it.
  public var mask: [String: MapReport.MaskEntry]
  /// In the order of the channels of `value.tif`.
  public var channels: [Channel]
  /// Channel that the gradient is of.
  public var gradientOf: String
  public var noise: NoiseModel
  /// chi-squared per degree of freedom of the fits in single voxels, against the stated noise.
  public var chiSquaredPerDOF: Double?
  /// Whether the scatter is that of the stated noise: `as_said`, `not_as_said` or `not_tested`.
  public var noiseVerdict: String
  /// Of the references: `described`, `not_described`, or `not_tested`.
  public var verdict: String?
  public var summedChiSquaredPerDOF: Double?
  /// What was chosen where nothing was said, in eV.
  public var edge: Edge?
  public var notices: [String]

  public struct Channel: Codable, Sendable {
    public var name: String
    public var mean: Double?
    /// By what neighbours do not share; the energy calibration and the references are not in it.
    public var meanSigma: Double?
    public var standardDeviation: Double?
    public var sigma: Double?

    enum CodingKeys: String, CodingKey {
      case name, mean
      case meanSigma = "mean_sigma_by_noise"
      case standardDeviation = "standard_deviation"
      case sigma = "mean_sigma_of_a_voxel"
    }
  }

  public struct Edge: Codable, Sendable {
    public var e0: Double
    public var pre: [Double]
    public var post: [Double]
    public var postDegree: Int
    public var region: [Double]
    public var smoothing: Double

    enum CodingKeys: String, CodingKey {
      case e0 = "e0_eV"
      case pre = "pre_eV"
      case post = "post_eV"
      case postDegree = "post_degree"
      case region = "region_eV"
      case smoothing = "smoothing_eV"
    }
  }

  enum CodingKeys: String, CodingKey {
    case format = "format_version"
    case quantity, unit, shape, voxels, mapped, mask, channels, noise, verdict, edge, notices
    case voxelSize = "voxel_size_um"
    case gradientOf = "gradient_of"
    case chiSquaredPerDOF = "chi_squared_per_dof"
    case noiseVerdict = "noise_verdict"
    case summedChiSquaredPerDOF = "summed_chi_squared_per_dof"
  }

  init(
    _ kind: ChemistryKind, _ quantity: any SpectralQuantity, _ summary: ChemicalSummary, grid: Grid,
    gradientOf: String
  ) {
    func number(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? rounded($0) : nil } }
    self.quantity = kind
    self.gradientOf = gradientOf
    unit = quantity.unit
    noise = quantity.noise
    shape = [grid.shape.z, grid.shape.y, grid.shape.x]
    voxelSize = grid.hasKnownSpacing ? [grid.spacing.z, grid.spacing.y, grid.spacing.x] : nil
    voxels = summary.voxels
    mapped = summary.mapped
    mask = Dictionary(
      uniqueKeysWithValues: VoxelReason.allCases.map {
        ($0.key, MapReport.MaskEntry(value: Int($0.rawValue), voxels: summary.reasons[Int($0.rawValue)]))
      })
    channels = quantity.channels.enumerated().map { index, name in
      Channel(
        name: name, mean: number(summary.mean(index)), meanSigma: number(summary.meanSigma(index)),
        standardDeviation: number(summary.standardDeviation(index)), sigma: number(summary.sigma(index)))
    }
    chiSquaredPerDOF = quantity.noise == .scatter ? nil : number(summary.chiSquaredPerDOF)
    notices = []
    noiseVerdict = "not_tested"
    if let ratio = chiSquaredPerDOF, let error = summary.chiSquaredSigma {
      let isAsSaid = abs(ratio - 1) <= 0.05 + 5 * error
      noiseVerdict = isAsSaid ? "as_said" : "not_as_said"
      if !isAsSaid {
        notices.append(
          "chi-squared per degree of freedom of the fits is \(rounded(ratio, digits: 3)), not 1: the noise is not as said, or the curves do not fit; errors may be wrong by \(rounded(ratio.squareRoot(), digits: 2)) times (see --noise, and the ranges)"
        )
      }
    }
    if quantity.noise == .counts, summary.fractional > 0 {
      notices.append(
        "\(summary.fractional) voxels have values that are no whole numbers and were taken for counts: if they are not, give --noise"
      )
    }
    for (reason, words) in [
      (VoxelReason.notNumbers, "have values that are not numbers"),
      (.negativeCounts, "have negative values where counts are promised"),
      (.severalCrossings, "cross half height more than once; the first crossing counts"),
    ] where summary.reasons[Int(reason.rawValue)] > 0 {
      notices.append(
        "\(summary.reasons[Int(reason.rawValue)]) of \(voxels) voxels \(words) (mask \(reason.rawValue))")
    }
    if let quantity = quantity as? EdgeQuantity {
      func pair(_ range: ClosedRange<Double>) -> [Double] {
        [rounded(range.lowerBound), rounded(range.upperBound)]
      }
      edge = Edge(
        e0: rounded(quantity.options.e0), pre: pair(quantity.pre), post: pair(quantity.post),
        postDegree: quantity.postDegree, region: pair(quantity.region),
        smoothing: rounded(quantity.smoothing))
    }
    if let combination = quantity as? CombinationQuantity {
      let misfit = combination.misfit(of: summary)
      verdict = misfit.map { $0.isDescribed ? "described" : "not_described" } ?? "not_tested"
      summedChiSquaredPerDOF = number(misfit?.chiSquaredPerDOF)
      if let misfit, !misfit.isDescribed {
        notices.append(
          "the references do not describe the summed spectrum: chi-squared per degree of freedom \(rounded(misfit.chiSquaredPerDOF, digits: 3)); a phase, a background or an energy shift is missing, and fractions may be wrong by more than their errors"
        )
      }
    }
  }
}
