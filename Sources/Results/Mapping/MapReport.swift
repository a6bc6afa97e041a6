public import Compton
package import Volumetry

/// `map.json`: numbers over all voxels of a map.
public struct MapReport: Codable, Sendable {
  public var format = 1
  public var method: String
  /// Of the active material, with x for lithium.
  public var formula: String?
  public var shape: [Int]
  public var voxelSize: [Double]?
  public var voxels: Int
  public var mapped: Int
  /// Voxels by reason, with the number that `mask.tif` holds for it.
  public var mask: [String: MaskEntry]
  public var meanX: Double?
  /// All errors of the mean, and their parts by name.
  public var meanXSigma: Double?
  public var meanXSigmaParts: MeanError?
  /// How well the model describes the summed spectrum, and what was corrected.
  public var misfit: Misfit?
  /// Whether the mean is that of the summed spectra, as single voxels have too few counts.
  public var isMeanOfSum: Bool?
  public var standardDeviationOfX: Double?
  public var meanSigma: Double?
  public var meanSharedSigma: Double?
  public var devianceRatio: Double?
  /// Mean of sigma(x) over what it would be with known amounts of the components, where these were fitted.
  public var lossOfFreeComponents: Double?
  public var meanIntensity: Double?
  public var windows: MomentumWindows?
  public var fitWindow: [Double]?
  /// Error of x by counts in that window over that of all bins of the file.
  public var costOfWindow: Double?
  public var calibratedRange: [Double]
  /// Of the good voxels' x.
  public var quantiles: ValueQuantiles?
  /// What was done against noise, and what it left.
  public var binning: BinningReport?
  public var prior: PriorReport?
  /// How the map was reconstructed, where it comes from projections.
  public var tomography: TomographyReport?
  /// Whether the numbers of the file are counts.
  public var counts: CountStatistics?
  /// What was masked as outliers, for people; `mask` has the numbers.
  public var screening: String?
  /// The exposures that were added up, and whether the gain changed between them; nil for a single file.
  public var exposures: ExposureReport?

  public struct MaskEntry: Codable, Sendable {
    public var value: Int
    public var voxels: Int
  }

  enum CodingKeys: String, CodingKey {
    case format = "format_version"
    case method, formula, shape, voxels, mapped, mask, windows, binning, prior, counts, tomography
    case exposures
    case voxelSize = "voxel_size_um"
    case meanX = "mean_x"
    case meanXSigma = "mean_x_sigma"
    case meanXSigmaParts = "mean_x_sigma_parts"
    case misfit
    case isMeanOfSum = "mean_x_of_summed_spectra"
    case standardDeviationOfX = "standard_deviation_of_x"
    case meanSigma = "mean_sigma_x"
    case meanSharedSigma = "mean_sigma_x_of_calibration"
    case devianceRatio = "deviance_over_expected"
    case lossOfFreeComponents = "sigma_loss_of_free_components"
    case meanIntensity = "mean_intensity_counts"
    case fitWindow = "fit_window_au"
    case costOfWindow = "sigma_x_over_all_bins"
    case calibratedRange = "calibrated_x_range"
    case quantiles = "x_quantiles"
  }

  /// What the mean is of, for people; nil for the plain mean of the voxels.
  public var meanNotice: String? {
    guard isMeanOfSum == true, let meanSigma else { return nil }
    return
      "with so few counts per voxel (sigma(x) \(rounded(meanSigma, digits: 2)) each) the x of a voxel is biased: the mean is that of the summed spectra, in "
      + "which bright voxels weigh more; merge voxels (--bin-to-sigma) for a map"
  }

  /// Voxels that the mean is of, where it is not of all that have a value: those within the calibrated range; nil elsewhere.
  public var voxelsOfMean: Int? {
    guard let good = mask[VoxelStatus.good.key]?.voxels, good > 0, good < mapped else { return nil }
    return good
  }

  /// Voxels that were left out since their numbers are no counts, for people; nil where there are none.
  public var countNotice: String? {
    guard let bad = mask[VoxelStatus.badCounts.key], bad.voxels > 0 else { return nil }
    return
      "\(bad.voxels) of \(voxels) voxels have negative, saturated or missing counts and were not mapped "
      + "(mask \(bad.value)); the mean is that of the others"
  }

  /// A reason of the mask as people read it.
  public static func words(ofReason key: String) -> String { QuantityName.words(key) }

  /// All that people should know of the map, the misfit apart.
  public var notices: [String] {
    [screening, counts?.notice, countNotice, exposures?.notice, meanNotice].compactMap { $0 }
  }

  package init(
    _ summary: MapSummary, method: MapMethod, calibration: Calibration, grid: Grid, misfit: Misfit? = nil,
    counts: CountStatistics? = nil
  ) {
    // Of voxels without counts nobody knows how they scatter.
    self.counts = counts.flatMap { $0.dispersion.isFinite && $0.dispersionSigma.isFinite ? $0 : nil }
    func number(_ value: Double) -> Double? { value.isFinite ? rounded(value) : nil }
    self.method = method.rawValue
    formula = calibration.formula
    shape = [grid.shape.z, grid.shape.y, grid.shape.x]
    voxelSize = grid.hasKnownSpacing ? [grid.spacing.z, grid.spacing.y, grid.spacing.x] : nil
    voxels = summary.voxels
    mapped = summary.mapped
    mask = Dictionary(
      uniqueKeysWithValues: VoxelStatus.allCases.map {
        ($0.key, MaskEntry(value: Int($0.rawValue), voxels: summary.statuses[$0] ?? 0))
      })
    meanX = summary.meanOfX.flatMap { number($0.value) }
    isMeanOfSum = summary.meanOfSum == nil ? nil : true
    meanXSigmaParts = MeanError(summary, calibration: calibration, method: method, misfit: misfit)
    meanXSigma = meanXSigmaParts.flatMap { number($0.total) }
    self.misfit = misfit?.including(
      method == .profile ? calibration.methods.profile.amplitudes : nil,
      standards: calibration.standards.map(\.name))
    standardDeviationOfX = number(summary.x.standardDeviation)
    meanSigma = summary.sigma.count > 0 ? number(summary.sigma.mean) : nil
    meanSharedSigma = summary.sharedSigma.count > 0 ? number(summary.sharedSigma.mean) : nil
    lossOfFreeComponents =
      summary.lossOfFreeComponents.count > 0 ? number(summary.lossOfFreeComponents.mean) : nil
    devianceRatio = summary.devianceRatio.flatMap { number($0) }
    meanIntensity = number(summary.intensity.mean)
    switch method {
    case .profile:
      fitWindow = calibration.methods.profile.window
      costOfWindow = calibration.methods.profile.costOfWindow
    case .sParameter: windows = calibration.methods.sParameter.windows
    case .valenceCore: windows = calibration.methods.valenceCore?.windows
    }
    calibratedRange = calibration.range
  }
}
