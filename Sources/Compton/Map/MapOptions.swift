/// How spectra become lithium.
public enum MapMethod: String, Sendable, Hashable, Codable, CaseIterable {
  case profile
  case sParameter = "s-parameter"
  case valenceCore = "valence-core"

  /// What the field calls it, for people.
  public var term: String {
    switch self {
    case .profile: "profile fit"
    case .sParameter: "S-parameter"
    case .valenceCore: "valence-to-core ratio"
    }
  }
}

/// What the fit takes of the other phases in a voxel.
public enum ComponentModel: String, Sendable, Hashable, Codable, CaseIterable {
  /// Their counts follow from fractions and live time; the amplitude of the active material is free.
  case known
  /// All phases share one free amplitude and divide it by the fractions: for a detector whose sensitivity varies,
  /// or an absorption that is not known.
  case tied
  /// Every amount is fitted, no fractions are needed; this costs precision, which the map reports.
  case free
}

/// Settings of a lithium map.
public struct MapOptions: Sendable {
  public var method: MapMethod
  /// Counts in the fit's window below which a voxel is masked.
  public var minimumCounts: Double
  /// A voxel is flagged where x lies outside the calibrated range by more than this many sigma.
  public var rangeSigmas: Double
  /// Standard deviation of every volume fraction, where fractions are given.
  public var fractionSigma = 0.0
  /// Active fraction below which a voxel is masked, where fractions are given.
  public var minimumFraction = 0.02
  public var components = ComponentModel.known
  /// Whether what the fractions leave of a voxel is empty space; otherwise they must add up to one.
  public var restIsEmpty = false
  /// Whether what each voxel is expected to tell of x is reported beside it (``VoxelResult/information``).
  public var wantsInformation = false
  /// Whether the change of x by one standard deviation of each component's fraction is reported, for what voxels or
  /// states with the same fractions have in common.
  public var wantsFractionPulls = false
  /// Counts in one unit of the source's numbers; nil where they are counts, or what they are is to be found out.
  public var countsPerUnit: Double?
  /// Whether the scatter of neighbouring bins is looked at before the map, see ``CountStatistics``.
  public var checksCounts = true
  /// What may differ between the instrument of the sample and that of the standards.
  public var instrument = InstrumentSettings()
  var usesFractions = false
  /// Counts from which on a bin is left out of a voxel's fit.
  var saturation: Float?
  /// Bins of the file that are left out of all voxels' fits.
  var leftOut: Set<Int> = []
  /// sigma(x)^2 of a ratio method for one net count.
  var varianceOfOneCount = 1.0

  /// - Parameters:
  ///   - minimumCounts: a fit of two amplitudes to fewer counts than about 50 says nothing.
  public init(method: MapMethod = .profile, minimumCounts: Double = 50, rangeSigmas: Double = 3) {
    self.method = method
    self.minimumCounts = minimumCounts
    self.rangeSigmas = rangeSigmas
  }
}

/// What a map says of one voxel.
public struct VoxelResult: Sendable {
  public var fit: VoxelFit
  /// Net counts in the window of the fit, put right for absorption where that is known: proportional to electron
  /// density.
  public var intensity: Double
  /// S-parameter of the voxel, or the valence-to-core ratio with that method.
  public var ratio: Double
  /// What the number of counts is expected to tell of x, as 1 / variance; 0 where it was not asked for.
  public var information = 0.0

  init(fit: VoxelFit, intensity: Double = .nan, ratio: Double = .nan) {
    self.fit = fit
    self.intensity = intensity
    self.ratio = ratio
  }
}
