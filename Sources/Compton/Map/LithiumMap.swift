public import Volumetry

/// The stage from spectra to lithium: blocks of counts in, blocks of results out.
public struct LithiumMap: Sendable {
  public let source: any SpectralSource
  public let options: MapOptions
  package let calibration: Calibration
  let analyzers: PixelAnalyzers
  let fractions: FractionMaps?
  let absorption: Absorption?
  let selection: VoxelSelection?
  /// Whether the numbers of the source are counts; nil unless ``MapOptions/checksCounts``.
  public let counts: CountStatistics?
  /// What was done about outliers; nil where nothing was.
  public var screening: MapScreening?
  /// Results of blocks that earlier maps of the same, growing spectra came to; nil where all are fitted.
  public var memory: MapMemory?

  /// - Parameters:
  ///   - fractions: volume fractions on the grid of the spectra: the active material's, then the components' in the
  ///     order of the standards. A voxel then expects t (a (B0 + x B1) + sum f_k S_k + G) with the amplitude a free.
  ///   - energies: gain and offset of every detector pixel (y, x); the source's axis then holds bin positions.
  ///   - deadPixels: for each pixel (y, x) whether it is dead; empty for none.
  ///   - absorption: what the sample takes from the photons.
  ///   - selection: the voxels that are mapped; all where nil. Denoising knows of none.
  /// - Throws: `data` where source, calibration and fractions do not fit together, see the message.
  public init(
    source raw: any SpectralSource, calibration: Calibration, options given: MapOptions = MapOptions(),
    fractions: [any VolumeSource] = [], energies: PixelEnergies? = nil, deadPixels: [Bool] = [],
    absorption: Absorption? = nil, selection: VoxelSelection? = nil, resources: Resources = Resources()
  ) throws(VoxelithError) {
    self.selection = selection
    let judged = try CountJudgement(
      raw, countsPerUnit: given.countsPerUnit, isChecked: given.checksCounts, acrossPixels: energies == nil)
    let left = given.method == .profile ? judged.leftOut : []
    try Self.checkLeftOut(left, of: calibration, name: raw.name)
    let source = left.isEmpty ? judged.source : LeftOutSource(judged.source, bins: left)
    self.source = source
    counts = judged.statistics
    self.calibration = calibration
    self.absorption = absorption
    var options = given
    options.saturation = judged.saturation
    options.leftOut = left
    options.usesFractions = !fractions.isEmpty
    if given.wantsInformation, given.method != .profile {
      let middle = 0.5 * (calibration.range[0] + calibration.range[1])
      let precision = try MethodPrecision.all(of: calibration, x: middle, backgroundFraction: 0)
      let own = precision.first { $0.method == given.method } ?? precision[0]
      options.varianceOfOneCount = own.sigmaOfOneCount * own.sigmaOfOneCount
    }
    self.options = options
    let basis = calibration.methods.profile
    if options.components != .known {
      try Self.checkComponents(options, basis: basis, hasFractions: !fractions.isEmpty)
    }
    self.fractions =
      fractions.isEmpty
      ? nil
      : try FractionMaps(
        fractions, grid: source.grid, components: basis.components.map(\.name),
        restIsEmpty: options.restIsEmpty, sigma: options.fractionSigma)
    try Self.check(source.acquisition, against: calibration, name: source.name)
    try Self.checkAxis(source, calibration: calibration, hasEnergies: energies != nil)
    try options.instrument.supplied?.check(against: source.energy)
    let hasBackground = basis.background.rate.contains { $0 != 0 }
    if hasBackground || options.usesFractions, source.acquisition.liveTime == nil {
      throw VoxelithError(
        .data, "the live time of the voxels is missing; background and components scale with it",
        file: source.name, advice: "give it with --live-time SECONDS")
    }
    try Self.checkLiveTimes(source, areNeeded: hasBackground || options.usesFractions)
    let geometry = try PixelGeometry(
      shape: source.grid.shape, angle: source.acquisition.scatteringAngle,
      fallback: calibration.scatteringAngle, energies: energies, dead: deadPixels, name: source.name)
    let maker = PixelAnalyzers.Maker(
      calibration: calibration, options: options, absorption: absorption, axis: source.energy,
      liveTime: source.acquisition.liveTime, hasEnergies: energies != nil,
      carriers: try RingCarriers(calibration),
      seen: absorption.flatMap { SeenAttenuation($0, calibration: calibration) })
    analyzers = try PixelAnalyzers(
      geometry, maker: maker, memory: resources.memory / 4, threads: resources.threads)
    if options.components == .free { try Self.checkCollinearity(analyzers.typical()) }
  }

  /// Part of the window's bins that may be left out of all fits.
  private static var mostLeftOut: Double { 0.35 }

  /// - Throws: `data` where too few bins are left of the fit's window.
  private static func checkLeftOut(
    _ left: Set<Int>, of calibration: Calibration, name: String
  ) throws(VoxelithError) {
    let range = calibration.methods.profile.fitRange
    let number = range.count { left.contains($0) }
    guard Double(number) > mostLeftOut * Double(range.count) else { return }
    throw VoxelithError(
      .data,
      "\(number) of the \(range.count) bins of the fit's window are saturated, dead or no numbers: the others do not tell x",
      file: name, advice: "measure at a lower rate or in shorter frames, or map a file whose bins hold counts"
    )
  }

  private static func checkComponents(
    _ options: MapOptions, basis: ProfileBasis, hasFractions: Bool
  ) throws(VoxelithError) {
    guard !basis.components.isEmpty else {
      throw VoxelithError(
        .data, "the calibration holds no components to be \(options.components.rawValue)",
        advice: "name the components' spectra in standards.yaml and calibrate again")
    }
    guard options.method == .profile else {
      throw VoxelithError(
        .usage, "components are \(options.components.rawValue) in the profile fit alone",
        advice: "use --method profile")
    }
    guard options.components == .free || hasFractions else {
      throw VoxelithError(
        .usage, "tied components need their fractions", advice: "give them with --fractions FILE")
    }
  }

  /// - Throws: `data` where the spectra of the fit are so alike that their amounts cannot be told apart.
  private static func checkCollinearity(_ analyzer: VoxelAnalyzer) throws(VoxelithError) {
    let spectra = [analyzer.spectra[.first], analyzer.spectra[.second]] + analyzer.pixel.components
    let p = spectra.count
    var information = Matrix(zeros: p, p)
    for i in 0..<p {
      for j in 0..<p {
        for group in 0..<analyzer.spectra.groups {
          let mu = larger(
            analyzer.spectra[.first, group] + analyzer.spectra[.offset, group], SIMD8(repeating: 1e-12))
          information[i, j] += Double((spectra[i][group] * spectra[j][group] / mu).sum())
        }
      }
    }
    let inverse = Cholesky(information)?.inverse
    guard let inverse, (0..<p).allSatisfy({ information[$0, $0] * inverse[$0, $0] < 1e5 }) else {
      throw VoxelithError(
        .data, "the spectra of the components are too alike to be fitted without fractions",
        advice: "leave out one of the components, or give the fractions with --fractions FILE")
    }
  }

  /// Beam energy and angle of the file must be those of the calibration, where both are known; spectra are carried
  /// over differences of the angle up to 10 degrees.
  private static func check(
    _ acquisition: Acquisition, against calibration: Calibration, name: String
  ) throws(VoxelithError) {
    if let incident = acquisition.incidentEnergy, abs(incident - calibration.incidentEnergy) > 1e-3 * incident
    {
      throw VoxelithError(
        .data,
        "the spectra were measured at \(incident) keV, the standards at \(calibration.incidentEnergy) keV",
        file: name, advice: "calibrate with standards of the same beam energy")
    }
    if let angle = acquisition.scatteringAngle?.mean, abs(angle - calibration.scatteringAngle) > 10 {
      throw VoxelithError(
        .data,
        "the spectra were measured at \(rounded(angle)) degrees, the standards at "
          + "\(calibration.scatteringAngle) degrees",
        file: name, advice: "calibrate with standards of about the same scattering angle")
    }
  }

  private static func checkAxis(
    _ source: any SpectralSource, calibration: Calibration, hasEnergies: Bool
  ) throws(VoxelithError) {
    let axis = try calibration.energyAxis()
    let energy = source.energy
    guard hasEnergies || axis.matches(energy) else {
      throw VoxelithError(
        .data,
        "the energy axis (\(energy.count) bins, \(rounded(energy.centers[0])) to "
          + "\(rounded(energy.centers[energy.count - 1])) keV) is not that of the calibration (\(axis.count) bins, "
          + "\(rounded(axis.centers[0])) to \(rounded(axis.centers[axis.count - 1])) keV)"
          + axis.difference(from: energy), file: source.name,
        advice: "calibrate with standards of the same binning")
    }
  }

  /// Components whose fractions' errors are told apart, see ``BlockResult/fractionPulls``.
  public var fractionPulls: Int {
    guard options.wantsFractionPulls, options.usesFractions, options.fractionSigma > 0 else { return 0 }
    return calibration.methods.profile.components.count
  }
}
