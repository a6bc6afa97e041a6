public import Compton
public import Volumetry

/// What `map` is told, beside how the spectra are opened.
public struct MapSettings: OperationSettings {
  public var method = MapMethod.profile
  public var minimumCounts = 50.0
  public var rangeSigmas = 3.0
  public var fractions: String?
  public var fractionSigma = 0.0
  public var restIsEmpty = false
  public var components = ComponentModel.known
  public var absorption: String?
  public var binToSigma: Double?
  public var binToCounts: Double?
  public var largestBin: Int?
  public var denoise: PriorChoice?
  public var guide: String?
  public var guideScale: [Double]?
  public var keepsOutliers = false
  public var countsPerUnit: Double?
  public var mayDiffer: [String] = []
  public var shape: String?
  public var copies: VolumeCopies?
  public var format = MapFormat.tiff

  public init() {}

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case method, fractions, components, absorption, denoise, guide, shape, copies, format
    case minimumCounts = "minimum_counts"
    case rangeSigmas = "range_sigmas"
    case fractionSigma = "fraction_sigma"
    case restIsEmpty = "rest_is_empty"
    case binToSigma = "bin_to_sigma"
    case binToCounts = "bin_to_counts"
    case largestBin = "bin_limit_voxels"
    case guideScale = "guide_scale"
    case keepsOutliers = "keep_outliers"
    case countsPerUnit = "counts_per_unit"
    case mayDiffer = "may_differ"
  }

  public static func help(_ key: CodingKeys) -> String {
    switch key {
    case .copies: VolumeCopies.help
    case .method: "How x is found: profile, s-parameter or valence-core."
    case .minimumCounts: "Number of counts below which a voxel is masked."
    case .rangeSigmas: "Flag a voxel whose x lies outside the calibrated range by more than this many sigma."
    case .fractions:
      "Volume fractions on the grid of the spectra (ZCYX): active material, then the components."
    case .fractionSigma: "Standard deviation of the fractions."
    case .restIsEmpty:
      "Fractions may add up to less than one; the rest of the voxel is empty space."
    case .components:
      """
      known: the amounts of the components follow from the fractions; tied: all phases share one free amplitude; free: every \
      amount is fitted, without fractions, at a loss of precision that is reported.
      """
    case .absorption: "Materials that absorb and where they are (YAML); their absorption is then corrected."
    case .binToSigma:
      "Merge neighbouring voxels until each bin has this sigma(x); spectra are added and fitted once."
    case .binToCounts:
      "Merge neighbouring voxels until each bin has this many net counts in the fit's window."
    case .largestBin: "Largest number of voxels in a bin (1000 if not given)."
    case .denoise:
      """
      Smooth across neighbours, except at edges in a guide volume: auto (strength by restricted maximum likelihood), or \
      the sigma(x) that the median voxel is to reach.
      """
    case .guide:
      "Volume on the grid of the spectra whose steps are edges, as XCT resampled; by default the fractions, without them the intensity."
    case .keepsOutliers:
      "Map voxels and pixels that are far brighter than all around them, or dead, as the others; without this they are masked."
    case .countsPerUnit:
      "What turns the file's numbers into counts: the live time in s for counts per second, a monitor's scale."
    case .mayDiffer:
      """
      By how much (one sigma) the instrument may differ from that of the standards, as gain=5e-4 or width=0.1; names as \
      in validate --systematics. between_states is the part of it that may change from one state of a series to the next \
      (0.3).
      """
    case .shape:
      """
      A spectrum, such as multiple scattering simulated by `scatter`, whose share in the sample may differ from that in \
      the standards; it is fitted to the summed spectrum.
      """
    case .format:
      "tiff: a file for each quantity; nexus: beside them map.nxs, all of them as NXdata with NXprocess."
    case .guideScale:
      "Difference in the guide volume at which smoothing stops: one number, or one per channel."
    }
  }

  public func validate() throws(VoxelithError) {
    try NumberRange.minimumCounts.check(minimumCounts, code: .usage)
    try NumberRange.rangeSigmas.check(rangeSigmas, code: .usage)
    try NumberRange.share.check(fractionSigma, as: "fraction_sigma", code: .usage)
    try NumberRange.countsPerUnit.check(countsPerUnit, code: .usage)
    var instrument = InstrumentSettings()
    for text in mayDiffer {
      try instrument.set(text)
      let size = text.split(separator: "=").last.flatMap { Double($0) }
      try NumberRange.mayDiffer.check(size, as: "the size of \(text)", code: .usage)
    }
    guard shape == nil || method == .profile else {
      throw VoxelithError(
        .usage, "a shape is fitted with the profile alone", advice: "use the method profile")
    }
    _ = try request()
  }

  /// What is to be done against noise.
  public func request() throws(VoxelithError) -> DenoisingRequest {
    try DenoisingRequest(
      binToSigma: binToSigma, binToCounts: binToCounts, largestBin: largestBin, denoise: denoise?.text,
      guide: guide, guideScales: guideScale)
  }

  /// - Throws: what ``validate()`` throws.
  public func options() throws(VoxelithError) -> MapOptions {
    try validate()
    var options = MapOptions(method: method, minimumCounts: minimumCounts, rangeSigmas: rangeSigmas)
    options.fractionSigma = fractionSigma
    options.restIsEmpty = restIsEmpty
    options.components = components
    options.countsPerUnit = countsPerUnit
    for text in mayDiffer { try options.instrument.set(text) }
    options.wantsInformation = try request().isWanted
    return options
  }

  /// Files that the settings name, with those that `absorption` names.
  public func files() throws(VoxelithError) -> [String] {
    [fractions, guide, shape].compactMap { $0 }
      + (try absorption.map { (path) throws(VoxelithError) in try AbsorptionFile.inputs(path) } ?? [])
  }

  /// The map, ready to be made.
  ///
  /// - Parameters:
  ///   - energies: of the pixels, in place of those that `input` names.
  ///   - transform: from spectra to labels, in place of that of `absorption`.
  ///   - selection: the voxels to map; all where there is none.
  ///   - memory: results of earlier maps of the same, growing spectra with the same settings.
  ///   - watches: whether outliers are looked for while the map is made, and not before; for maps that ``write(_:calibration:to:overwrite:resources:)``
  ///     makes. The result is the same, and the spectra are read once.
  ///   - adjust: last changes of the options.
  public func map(
    _ source: any SpectralSource, input: SpectralInputSettings, energies: PixelEnergies? = nil,
    calibration: Calibration, transform: [[Double]]? = nil,
    selection: VoxelSelection? = nil, memory: MapMemory? = nil, watches: Bool = false,
    resources: Resources,
    adjust: (inout MapOptions) -> Void = { _ in }
  ) throws(VoxelithError) -> LithiumMap {
    var changed = try options()
    if let shape { changed.instrument.supplied = try ScatteringShape.supplied(shape, for: calibration) }
    adjust(&changed)
    let options = changed
    let pixels: PixelEnergies? = if let energies { energies } else { try input.energies(source.grid.shape) }
    let dead = try input.deadMask()
    let maps = try fractions.map { (path) throws(VoxelithError) in try FractionFile.open(path) } ?? []
    let absorbed = try absorption.map { (path) throws(VoxelithError) in
      try AbsorptionFile.load(path, grid: source.grid, transform: transform)
    }
    @Sendable func made(_ source: any SpectralSource) throws(VoxelithError) -> LithiumMap {
      var map = try LithiumMap(
        source: source, calibration: calibration, options: options, fractions: maps, energies: pixels,
        deadPixels: dead, absorption: absorbed, selection: selection, resources: resources)
      map.memory = memory
      return map
    }
    @Sendable func screened(_ source: ScreenedSource) throws(VoxelithError) -> LithiumMap {
      var map = try made(source)
      map.screening = MapScreening(notice: source.notice)
      return map
    }
    if keepsOutliers { return try made(source) }
    guard watches, !(try request().isWanted) else {
      return try screened(try ScreenedSource(source, resources: resources))
    }
    let watch = try CountWatch(source.grid.shape, resources: resources)
    var map = try made(WatchedSource(source, watch: watch))
    map.screening = MapScreening(watch) { (outliers) throws(VoxelithError) in
      try screened(ScreenedSource(source, outliers: outliers))
    }
    return map
  }

  /// Makes the map and writes the folder.
  @discardableResult
  public func write(
    _ map: LithiumMap, calibration: Calibration, to folder: String, overwrite: Bool, resources: Resources
  ) throws(VoxelithError) -> MapReport {
    let written = try MapFolder.write(
      map, method: method, calibration: calibration, to: folder, overwrite: overwrite,
      denoising: try request().denoising(fractions: fractions), resources: resources)
    var report = try MapReport.addQuantiles(
      in: folder,
      exposures: try ExposureReport(map.source, calibration: calibration, resources: resources))
    report.screening = written.screening
    let names = MapFolder.volumes(of: map, denoising: try request().denoising(fractions: fractions))
    try copies?.write(
      names.map { ($0, map.source.grid) }, in: folder, overwrite: overwrite, resources: resources)
    return report
  }

  /// Files that a map is known to have before it is made.
  public func outputs() throws(VoxelithError) -> [String] {
    let names = MapFolder.files(for: try request())
    return names + (copies?.names(of: names) ?? []) + (format == .nexus ? [NexusMap.name] : [])
  }

  /// Adds what the format asks for to a folder whose map is complete.
  ///
  /// - Parameter grid: of the spectra; TIFF knows no origin.
  public func addFormat(in folder: String, grid: Grid, overwrite: Bool) throws(VoxelithError) {
    if format == .nexus { try NexusMap.write(folder, grid: grid, overwrite: overwrite) }
  }
}

/// Which files hold a map.
public enum MapFormat: String, Codable, Sendable, Hashable, CaseIterable {
  case tiff, nexus
}

/// `auto`, or a sigma(x) to reach.
public enum PriorChoice: Codable, Sendable, Hashable {
  case auto
  case sigma(Double)

  /// - Returns: nil where the text is neither.
  public init?(_ text: String) {
    if text == "auto" {
      self = .auto
    } else if let value = Double(text), value > 0, value.isFinite {
      self = .sigma(value)
    } else {
      return nil
    }
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text: String =
      if let number = try? container.decode(Double.self) { "\(number)" } else {
        try container.decode(String.self)
      }
    guard let choice = PriorChoice(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "takes auto or a positive sigma(x)")
    }
    self = choice
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .auto: try container.encode("auto")
    case .sigma(let value): try container.encode(value)
    }
  }

  public var text: String {
    switch self {
    case .auto: "auto"
    case .sigma(let value): "\(value)"
    }
  }
}
