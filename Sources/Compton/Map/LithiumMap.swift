public import Volumetry

/// The stage from spectra to lithium: blocks of counts in, blocks of results out.
public struct LithiumMap: Sendable {
  /// Results of a block's voxels in z, y, x order. Missing values are NaN.
  public struct BlockResult: Sendable {
    public var x: [Float] = []
    public var sigma: [Float] = []
    public var intensity: [Float] = []
    public var ratio: [Float] = []
    public var deviance: [Float] = []
    public var expectedDeviance: [Float] = []
    public var mask: [UInt8] = []
    /// Parts of sigma by the standards and by the fractions, and what the counts are expected to tell of x; empty
    /// unless ``MapOptions/wantsInformation``.
    public var sharedSigma: [Float] = []
    public var fractionSigma: [Float] = []
    public var information: [Float] = []
    /// For each component the change of x by one standard deviation of its fraction; empty unless
    /// ``MapOptions/wantsFractionPulls`` and the fractions have an error.
    public var fractionPulls: [[Float]] = []
    /// One summary per row of x, so that the total does not depend on how rows fall into blocks.
    public var rows: [MapSummary] = []
  }

  public let source: any SpectralSource
  public let options: MapOptions
  let calibration: Calibration
  let analyzers: PixelAnalyzers
  let fractions: FractionMaps?
  let absorption: Absorption?
  let selection: VoxelSelection?
  /// Whether the numbers of the source are counts; nil unless ``MapOptions/checksCounts``.
  public let counts: CountStatistics?
  /// What was done about outliers; nil where nothing was.
  public var screening: MapScreening?

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
    let source = judged.source
    self.source = source
    counts = judged.statistics
    self.calibration = calibration
    self.absorption = absorption
    var options = given
    options.saturation = judged.saturation
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
        restIsEmpty: options.restIsEmpty)
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
      carriers: try RingCarriers(calibration))
    analyzers = try PixelAnalyzers(
      geometry, maker: maker, memory: resources.memory / 4, threads: resources.threads)
    if options.components == .free { try Self.checkCollinearity(analyzers.typical()) }
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
    let spectra = [analyzer.spectra.first, analyzer.spectra.second] + analyzer.pixel.components
    let p = spectra.count
    var information = Matrix(zeros: p, p)
    for i in 0..<p {
      for j in 0..<p {
        for group in analyzer.spectra.first.indices {
          let mu = larger(
            analyzer.spectra.first[group] + analyzer.spectra.offset[group], SIMD8(repeating: 1e-12))
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
          + "\(rounded(axis.centers[0])) to \(rounded(axis.centers[axis.count - 1])) keV)", file: source.name,
        advice: "calibrate with standards of the same binning")
    }
  }

  /// Components whose fractions' errors are told apart, see ``BlockResult/fractionPulls``.
  public var fractionPulls: Int {
    guard options.wantsFractionPulls, options.usesFractions, options.fractionSigma > 0 else { return 0 }
    return calibration.methods.profile.components.count
  }

  /// The blocks for a memory budget.
  public func plan(_ resources: Resources) throws(VoxelithError) -> BlockPlan {
    try BlockPlan(
      shape: source.grid.shape, bytesPerVoxel: 8 * source.energy.count + 64,
      memory: min(resources.memory, 512 << 20), inFlight: resources.threads + 1, chunk: source.chunkShape,
      minimumBlocks: 4 * resources.threads)
  }

  /// Maps every block and hands the results on in order.
  ///
  /// - Parameter sums: what the spectra of the mapped voxels are added to.
  /// - Returns: the summary over all voxels.
  public func run(
    resources: Resources, sums: inout CountSums, consume: (Block, BlockResult) throws(VoxelithError) -> Void
  ) throws(VoxelithError) -> MapSummary {
    var summary = MapSummary()
    let plan = try plan(resources)
    // Sums are exact, so the order in which blocks add to them does not show.
    let shared = Guarded(emptySums)
    try BlockStream.run(plan.blocks, stage: "map", resources: resources) {
      (block) throws(VoxelithError) in
      try self.map(block.core, addingTo: shared)
    } consume: { (block, result) throws(VoxelithError) in
      for row in result.rows { summary.merge(row) }
      try consume(block, result)
    }
    sums.merge(shared.withLock { $0 })
    return summary
  }

  /// Maps every block without a care for the sums.
  public func run(
    resources: Resources, consume: (Block, BlockResult) throws(VoxelithError) -> Void
  ) throws(VoxelithError) -> MapSummary {
    var sums = emptySums
    return try run(resources: resources, sums: &sums, consume: consume)
  }

  /// Where a map's spectra are added up.
  public var emptySums: CountSums { CountSums(bins: source.energy.count) }

  /// Maps the voxels of one box.
  ///
  /// Pixels come one after another, each with all its depths, so that a pixel's spectra are used while they are at
  /// hand.
  public func map(_ region: Region) throws(VoxelithError) -> BlockResult {
    try map(region, addingTo: Guarded(emptySums))
  }

  func map(_ region: Region, addingTo sums: Guarded<CountSums>) throws(VoxelithError) -> BlockResult {
    let counts = try source.readCounts(region)
    let bins = source.energy.count
    guard counts.count == region.count * bins else {
      throw VoxelithError(.internal, "a source gave \(counts.count) counts", file: source.name)
    }
    var result = BlockResult(
      voxels: region.count, rows: region.shape.z * region.shape.y, hasInformation: options.wantsInformation)
    result.fractionPulls = [[Float]](
      repeating: [Float](repeating: .nan, count: region.count), count: fractionPulls)
    let span = counts.span
    let parts = try fractions?.read(region)
    let chosen = try selection?.read(region) ?? []
    let phases = fractions?.count ?? 0
    let stride = absorption?.stride ?? 0
    var lengths = [Float](repeating: 0, count: stride)
    var scratch = try analyzers.typical().scratch()
    let groups = pixelGroups
    for y in 0..<region.shape.y {
      for x in 0..<region.shape.x {
        let pixel = (y: region.lower.y + y, x: region.lower.x + x)
        var column = PixelColumn(
          pixel: pixel, first: y * region.shape.x + x, bins: bins, phases: phases, region: region,
          exit: absorption?.exit(angle: analyzers.geometry.angle(y: pixel.y, x: pixel.x)) ?? .zero)
        // Taken out once: a copy for each voxel costs a sixth of the time.
        if let analyzer = try analyzers.analyzer(y: pixel.y, x: pixel.x) {
          map(
            &column, with: analyzer, counts: span, fractions: parts, chosen: chosen, lengths: &lengths,
            scratch: &scratch, into: &result)
          let place = groups.group(y: pixel.y, x: pixel.x)
          sums.withLock { $0.set(column.sum, at: place) }
        } else {
          for z in 0..<region.shape.z {
            result.set(
              VoxelResult(fit: VoxelFit(status: .deadPixel)), voxel: column.voxel(z), row: column.row(z))
          }
        }
      }
    }
    return result
  }

  /// The voxels behind one pixel.
  private struct PixelColumn {
    let pixel: (y: Int, x: Int)
    /// Place in a slice of the box.
    let first: Int
    let bins: Int
    let phases: Int
    let region: Region
    let exit: SIMD3<Double>
    var sum: CountSums.Group

    init(pixel: (y: Int, x: Int), first: Int, bins: Int, phases: Int, region: Region, exit: SIMD3<Double>) {
      self.pixel = pixel
      self.first = first
      self.bins = bins
      self.phases = phases
      self.region = region
      self.exit = exit
      sum = CountSums.Group(bins: bins)
    }

    func voxel(_ z: Int) -> Int { z * region.shape.y * region.shape.x + first }
    func row(_ z: Int) -> Int { z * region.shape.y + first / region.shape.x }
  }

  private func map(
    _ column: inout PixelColumn, with analyzer: VoxelAnalyzer, counts: Span<Float>, fractions: [Float]?,
    chosen: [Bool], lengths: inout [Float], scratch: inout VoxelAnalyzer.Scratch,
    into result: inout BlockResult
  ) {
    let bins = column.bins
    let phases = column.phases
    let isPlain = fractions == nil && absorption == nil
    var lanes = [SIMD8<Double>](repeating: .zero, count: (analyzer.fitBins.count + 7) / 8)
    for z in 0..<column.region.shape.z {
      let voxel = column.voxel(z)
      let row = column.row(z)
      guard chosen.isEmpty || chosen[voxel] else {
        result.set(VoxelResult(fit: VoxelFit(status: .noActiveMaterial)), voxel: voxel, row: row)
        continue
      }
      if let absorption {
        for index in lengths.indices { lengths[index] = 0 }
        absorption.paths(
          from: source.grid.center(z: column.region.lower.z + z, y: column.pixel.y, x: column.pixel.x),
          exit: column.exit, into: &lengths, at: 0)
      }
      let value: VoxelResult
      if let fractions {
        let own = fractions.span.extracting((voxel * phases)..<((voxel + 1) * phases))
        guard own[0] >= Float(options.minimumFraction) else {
          result.set(VoxelResult(fit: VoxelFit(status: .noActiveMaterial)), voxel: voxel, row: row)
          continue
        }
        value = analyzer.analyze(
          counts, at: voxel * bins, fractions: own, paths: lengths.span, scratch: &scratch)
      } else {
        value = analyzer.analyze(counts, at: voxel * bins, paths: lengths.span, scratch: &scratch)
      }
      result.set(value, voxel: voxel, row: row)
      if value.fit.status.hasValue, !scratch.hasSaturation {
        column.sum.add(scratch.packed.span, to: &lanes)
        if !isPlain { analyzer.addExpected(scratch, to: &column.sum) }
      }
    }
    column.sum.take(&lanes, bins: analyzer.fitBins)
  }
}

extension LithiumMap.BlockResult {
  init(voxels: Int, rows: Int, hasInformation: Bool) {
    let missing = [Float](repeating: .nan, count: voxels)
    x = missing
    sigma = missing
    intensity = missing
    ratio = missing
    deviance = missing
    expectedDeviance = missing
    mask = [UInt8](repeating: 0, count: voxels)
    if hasInformation {
      sharedSigma = missing
      fractionSigma = missing
      information = missing
    }
    self.rows = [MapSummary](repeating: MapSummary(), count: rows)
  }

  mutating func set(_ result: VoxelResult, voxel: Int, row: Int) {
    x[voxel] = Float(result.fit.x)
    sigma[voxel] = Float(result.fit.sigma)
    intensity[voxel] = Float(result.intensity)
    ratio[voxel] = Float(result.ratio)
    deviance[voxel] = Float(result.fit.deviance)
    expectedDeviance[voxel] = Float(result.fit.expectedDeviance)
    mask[voxel] = result.fit.status.rawValue
    if !information.isEmpty {
      sharedSigma[voxel] = Float(result.fit.sharedSigma)
      fractionSigma[voxel] = Float(result.fit.fractionSigma)
      information[voxel] = Float(result.information)
    }
    for component in fractionPulls.indices where component < result.fit.fractionPulls.count {
      fractionPulls[component][voxel] = result.fit.fractionPulls[component]
    }
    rows[row].add(result)
  }
}
