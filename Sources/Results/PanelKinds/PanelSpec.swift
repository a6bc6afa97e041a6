public import Volumetry

/// One panel of a figure as written in YAML or JSON: what its kind can use, and nothing else.
///
/// In a file `kind:` decides which other keys there are. A key that another kind has is refused, with the kinds that can
/// use it.
public enum PanelSpec: Sendable {
  /// A slice in colour; with `over` drawn over another volume, with `sigma` paler where less certain.
  case slice(SlicePanelSpec)
  /// A value and its standard deviation side by side.
  case valueAndSigma(ValueAndSigmaPanelSpec)
  /// How often the values of a volume occur; with `reference` the differences from it, with `sigma` divided by sigma
  /// against a normal curve, with `fit` against that many normal curves fitted to it.
  case histogram(HistogramPanelSpec)
  /// Mean and band of a volume along an axis.
  case profile(ProfilePanelSpec)
  /// How often the values of two volumes on one grid occur together.
  case density(DensityPanelSpec)
  /// Points of two volumes on one grid, or of two columns of a CSV file, with their standard errors.
  case scatter(ScatterPanelSpec)
  /// Mean of volumes, `files`, at their `times`, with its interval; in `layers` along an axis where given.
  case series(SeriesPanelSpec)
  /// Standards, line and residuals of a calibration file.
  case calibration(CalibrationPanelSpec)
  /// Directions in colour, from a file of three channels.
  case orientation(OrientationPanelSpec)
  /// Directions in the plane of the slice as a rose.
  case rose(RosePanelSpec)
  /// Directions as a pole figure about the axis: the hemisphere in equal-area projection.
  case polar(PolarPanelSpec)
  /// A volume that is looked through.
  case volume(VolumePanelSpec)
  /// The surface where a volume has the value `level`, coloured by `file2` where given.
  case surface(SurfacePanelSpec)
  /// Diffusivities with their intervals, from `diffusivity.json`.
  case diffusivity(DiffusivityPanelSpec)

  /// The word behind `kind:`.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    case slice
    case valueAndSigma = "value-and-sigma"
    case histogram, profile, density, scatter, series, calibration, orientation, rose, polar, volume, surface
    case diffusivity
  }
}

extension PanelSpec.Kind {
  var settings: any PanelSettings.Type {
    switch self {
    case .slice: SlicePanelSpec.self
    case .valueAndSigma: ValueAndSigmaPanelSpec.self
    case .histogram: HistogramPanelSpec.self
    case .profile: ProfilePanelSpec.self
    case .density: DensityPanelSpec.self
    case .scatter: ScatterPanelSpec.self
    case .series: SeriesPanelSpec.self
    case .calibration: CalibrationPanelSpec.self
    case .orientation: OrientationPanelSpec.self
    case .rose: RosePanelSpec.self
    case .polar: PolarPanelSpec.self
    case .volume: VolumePanelSpec.self
    case .surface: SurfacePanelSpec.self
    case .diffusivity: DiffusivityPanelSpec.self
    }
  }
}

extension PanelSpec {
  /// The settings, whatever their kind.
  var settings: any PanelSettings {
    switch self {
    case .slice(let settings): settings
    case .valueAndSigma(let settings): settings
    case .histogram(let settings): settings
    case .profile(let settings): settings
    case .density(let settings): settings
    case .scatter(let settings): settings
    case .series(let settings): settings
    case .calibration(let settings): settings
    case .orientation(let settings): settings
    case .rose(let settings): settings
    case .polar(let settings): settings
    case .volume(let settings): settings
    case .surface(let settings): settings
    case .diffusivity(let settings): settings
    }
  }

  public var kind: Kind { type(of: settings).kind }

  /// What every kind has.
  public var title: String? {
    get { settings.title }
    set {
      var changed = settings
      changed.title = newValue
      self = changed.spec
    }
  }

  /// The colours of the kinds whose values have some.
  public var colors: PanelColors? {
    get { (settings as? any ColoredPanel)?.colors }
    set {
      guard let newValue, var changed = settings as? any ColoredPanel else { return }
      changed.colors = newValue
      self = changed.spec
    }
  }

  /// The text of a key, where the kind has it and it is given.
  func text(_ key: Key) -> String? { settings.text(key) }

  /// Every file that the panel reads.
  var allFiles: [String] {
    let single: [Key] = [.file, .file2, .sigma, .sigma2, .reference, .over]
    guard case .series(let series) = self else { return single.compactMap(text) }
    return single.compactMap(text) + (series.files ?? [])
  }

  /// - Throws: `usage` naming the first key that is of use beside another one only, which is missing.
  public func validate() throws(VoxelithError) {
    for rule in settings.rules where rule.isWrong {
      throw VoxelithError(.usage, "\(rule.key.rawValue) of a panel '\(kind.rawValue)' needs \(rule.needs)")
    }
  }
}
