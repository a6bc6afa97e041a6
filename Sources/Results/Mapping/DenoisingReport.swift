import Compton
import Volumetry

/// `binning` in `map.json`.
public struct BinningReport: Codable, Sendable {
  public var wantedSigma: Double?
  public var wantedCounts: Double?
  public var largestBin: Int
  public var bins: Int
  /// Bins with a value: what the map's voxels hold of values with errors of their own.
  public var independentValues: Int
  public var short: Int
  public var medianVoxels: Double
  public var medianSigma: Double?
  public var medianResolution: Double?
  public var note =
    "the voxels of one bin share one value and one error: weigh bins, not voxels (bins.tif numbers them)"

  enum CodingKeys: String, CodingKey {
    case bins, note
    case wantedSigma = "wanted_sigma_x"
    case wantedCounts = "wanted_counts"
    case largestBin = "largest_bin_voxels"
    case independentValues = "independent_values"
    case short = "bins_above_wanted_sigma"
    case medianVoxels = "median_bin_voxels"
    case medianSigma = "median_bin_sigma_x"
    case medianResolution = "median_resolution_um"
  }

  init(_ map: BinnedSummary, options: BinningOptions) {
    func number(_ value: Double) -> Double? { value.isFinite ? rounded(value) : nil }
    switch options.goal {
    case .sigma(let sigma): wantedSigma = sigma
    case .counts(let counts): wantedCounts = counts
    }
    largestBin = options.largestBin
    bins = map.bins
    independentValues = map.independentValues
    short = map.short
    medianVoxels = number(map.medianVoxels) ?? 0
    medianSigma = number(map.medianSigma)
    medianResolution = number(map.medianResolution)
  }
}

/// `prior` in `map.json`.
public struct PriorReport: Codable, Sendable {
  /// How the strength was chosen: evidence or sigma.
  public var criterion: String
  public var wantedSigma: Double?
  /// False where the criterion asks for a prior that reaches further than `reach_voxels`.
  public var isCriterionMet: Bool
  public var strength: Double
  public var length: Double
  public var reach: Int
  public var guide: String
  public var guideScales: [Double]
  public var medianMeasuredSigma: Double?
  public var medianSigma: Double?
  public var medianPosteriorSigma: Double?
  public var medianResolution: Double?
  /// Trace of the hat matrix: so many values of their own the map holds.
  public var independentValues: Double
  /// Voxels whose misfit exceeds noise by four standard deviations: structure that the guide does not show.
  public var unseenStructure: Int
  public var note =
    "sigma is the spread by noise; errors of neighbours are correlated over resolution_um; where misfit.tif exceeds 1 "
    + "smoothing ran over structure and moved x by more than sigma allows; li_measured.tif has independent errors"

  enum CodingKeys: String, CodingKey {
    case criterion, guide, note
    case wantedSigma = "wanted_sigma_x"
    case isCriterionMet = "criterion_met"
    case strength = "strength_um2"
    case length = "prior_length_um"
    case reach = "reach_voxels"
    case guideScales = "guide_scales"
    case medianMeasuredSigma = "median_measured_sigma_x"
    case medianSigma = "median_sigma_x"
    case medianPosteriorSigma = "median_posterior_sigma_x"
    case medianResolution = "median_resolution_um"
    case independentValues = "independent_values"
    case unseenStructure = "voxels_with_unseen_structure"
  }

  init(
    _ map: DenoisedStatistics, prior: SpatialPrior, wanted: PriorStrength, guide: PriorGuide, name: String,
    medianMeasuredSigma: Double
  ) {
    func number(_ value: Double) -> Double? { value.isFinite ? rounded(value) : nil }
    switch wanted {
    case .evidence: criterion = "evidence"
    case .sigma(let sigma):
      criterion = "sigma"
      wantedSigma = sigma
    case .length: criterion = "length"
    }
    isCriterionMet = prior.isCriterionMet
    strength = rounded(prior.strength)
    length = rounded(prior.length)
    reach = SpatialPrior.limit
    self.guide = name
    guideScales = guide.scales.map { rounded($0) }
    self.medianMeasuredSigma = number(medianMeasuredSigma)
    medianSigma = number(map.sigma.median())
    medianPosteriorSigma = number(map.posteriorSigma.median())
    medianResolution = number(map.resolution.median())
    independentValues = rounded(map.independentValues)
    unseenStructure = map.unseenStructure
  }
}
