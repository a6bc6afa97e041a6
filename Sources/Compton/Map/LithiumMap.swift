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
    /// One summary per row of x, so that the total does not depend on how rows fall into blocks.
    public var rows: [MapSummary] = []
  }

  public let source: any SpectralSource
  private let analyzer: VoxelAnalyzer
  private let fractions: FractionMaps?

  /// - Parameters:
  ///   - fractions: volume fractions on the grid of the spectra: the active material's, then the components' in the
  ///     order of the standards. A voxel then expects t (a (B0 + x B1) + sum f_k S_k + G) with the amplitude a free.
  /// - Throws: `data` where source, calibration and fractions do not fit together, see the message.
  public init(
    source: any SpectralSource, calibration: Calibration, options given: MapOptions = MapOptions(),
    fractions: [any VolumeSource] = []
  ) throws(VoxelithError) {
    self.source = source
    var options = given
    options.usesFractions = !fractions.isEmpty
    self.fractions =
      fractions.isEmpty
      ? nil
      : try FractionMaps(
        fractions, shape: source.grid.shape, components: calibration.methods.profile.components.map(\.name))
    try Self.check(source.acquisition, against: calibration, name: source.name)
    analyzer = try VoxelAnalyzer(
      calibration: calibration, options: options, energy: source.energy, acquisition: source.acquisition,
      name: source.name)
  }

  /// Beam energy and angle of the file must be those of the calibration, where both are known.
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
    if case .uniform(let angle)? = acquisition.scatteringAngle,
      abs(angle - calibration.scatteringAngle) > 0.05
    {
      throw VoxelithError(
        .data,
        "the spectra were measured at \(angle) degrees, the standards at \(calibration.scatteringAngle) degrees",
        file: name, advice: "calibrate with standards of the same scattering angle")
    }
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
  /// - Returns: the summary over all voxels.
  public func run(
    resources: Resources, consume: (Block, BlockResult) throws(VoxelithError) -> Void
  ) throws(VoxelithError) -> MapSummary {
    var summary = MapSummary()
    let plan = try plan(resources)
    try BlockStream.run(plan.blocks, stage: "map", resources: resources) {
      (block) throws(VoxelithError) in
      try self.map(block.core)
    } consume: { (block, result) throws(VoxelithError) in
      for row in result.rows { summary.merge(row) }
      try consume(block, result)
    }
    return summary
  }

  /// Maps the voxels of one box.
  public func map(_ region: Region) throws(VoxelithError) -> BlockResult {
    let counts = try source.readCounts(region)
    let bins = source.energy.count
    guard counts.count == region.count * bins else {
      throw VoxelithError(.internal, "a source gave \(counts.count) counts", file: source.name)
    }
    var result = BlockResult()
    var scratch = analyzer.scratch()
    let span = counts.span
    let parts = try fractions?.read(region)
    result.reserve(region.count)
    for voxel in 0..<region.count {
      if voxel % region.shape.x == 0 { result.rows.append(MapSummary()) }
      if let parts, let count = fractions?.count {
        let own = parts.span.extracting((voxel * count)..<((voxel + 1) * count))
        guard own[0] >= Float(analyzer.options.minimumFraction), own.indices.allSatisfy({ !own[$0].isNaN }) else {
          result.append(
            VoxelResult(fit: VoxelFit(status: .noActiveMaterial), intensity: .nan, ratio: .nan))
          continue
        }
        analyzer.prepare(own, scratch: &scratch)
      }
      result.append(analyzer.analyze(span, at: voxel * bins, scratch: &scratch))
    }
    return result
  }
}

extension LithiumMap.BlockResult {
  mutating func reserve(_ count: Int) {
    x.reserveCapacity(count)
    sigma.reserveCapacity(count)
    intensity.reserveCapacity(count)
    ratio.reserveCapacity(count)
    deviance.reserveCapacity(count)
    expectedDeviance.reserveCapacity(count)
    mask.reserveCapacity(count)
  }

  mutating func append(_ voxel: VoxelResult) {
    x.append(Float(voxel.fit.x))
    sigma.append(Float(voxel.fit.sigma))
    intensity.append(Float(voxel.intensity))
    ratio.append(Float(voxel.ratio))
    deviance.append(Float(voxel.fit.deviance))
    expectedDeviance.append(Float(voxel.fit.expectedDeviance))
    mask.append(voxel.fit.status.rawValue)
    rows[rows.count - 1].add(voxel)
  }
}
