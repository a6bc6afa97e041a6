public import Volumetry

/// From grey values to phases: bias correction, denoising, thresholds, islands. Every step is a view
/// that streams; only the runs of components are held, where islands or hysteresis ask for them.
public struct Segmentation: Sendable {
  public let options: SegmentationOptions
  public let mask: (any VolumeSource)?
  /// The grey values that the thresholds are applied to.
  public let prepared: any VolumeSource
  /// The grey values before denoising: a median or non-local means is not linear, these are linear in the fractions.
  public let linear: any VolumeSource
  public let thresholds: [Double]
  /// Counts of the prepared grey values; nil for thresholds that were given.
  public let histogram: GreyHistogram?
  public let noise: Double?
  public let bias: BiasModel?

  /// Fits the bias, estimates the noise and finds the thresholds.
  ///
  /// - Throws: `usage` for options that make no sense, `data` for a mask of another shape or a
  ///   volume with fewer distinct values than classes.
  public init(
    _ source: any VolumeSource, mask: (any VolumeSource)? = nil, options: SegmentationOptions,
    resources: Resources = Resources()
  ) throws(VoxelithError) {
    try options.validate()
    try checkMask(mask, of: source)
    self.options = options
    self.mask = mask
    var grey = source
    var model: BiasModel?
    if options.bias.radial || options.bias.drift {
      let fitted = try BiasModel.fit(source, mask: mask, options: options.bias, resources: resources)
      grey = BiasCorrectedView(source, fitted)
      model = fitted
    }
    bias = model
    linear = grey
    var deviation: Double?
    switch options.denoise {
    case .none: break
    case .median: grey = FilteredView(grey, .median)
    case .nonLocalMeans:
      let estimate = try NoiseEstimate.standardDeviation(of: grey)
      deviation = estimate
      grey = FilteredView(grey, .nonLocalMeans(noise: estimate, strength: options.strength))
    }
    noise = deviation
    if options.denoise != .none { grey = try Self.stored(grey, resources: resources) }
    prepared = grey
    switch options.method {
    case .otsu(let classes):
      let counts = try GreyHistogram.gather(grey, mask: mask, resources: resources)
      histogram = counts
      thresholds = try OtsuThresholds.thresholds(counts, classes: classes)
    case .fixed(let values):
      histogram = nil
      thresholds = values
    case .hysteresis(let low, let high):
      histogram = nil
      thresholds = [low, high]
    }
  }

  /// Filters once: thresholds, islands and labels all read the grey values again.
  private static func stored(
    _ view: any VolumeSource, resources: Resources
  ) throws(VoxelithError) -> PagedVolume<Float> {
    let bytes = view.grid.shape.count * MemoryLayout<Float>.stride
    let volume = try PagedVolume<Float>(
      grid: view.grid, in: .holding(bytes, budget: resources.memory / 3))
    let plan = try BlockPlan(
      shape: view.grid.shape, halo: Shape(z: 3, y: 3, x: 3), bytesPerVoxel: 40,
      memory: resources.memory / 2, inFlight: resources.threads + 1, chunk: view.chunkShape,
      minimumBlocks: 4 * resources.threads)
    try BlockStream.run(plan.blocks, stage: "denoising", resources: resources) {
      (block) throws(VoxelithError) in
      try view.readFloats(block.core)
    } consume: { (block, values) throws(VoxelithError) in
      volume.paste(values, into: block.core)
    }
    return volume
  }

  /// The labels before islands are removed. With hysteresis: 0, 1 between the thresholds, 2 above.
  public func rawLabels() throws(VoxelithError) -> ThresholdView {
    try ThresholdView(
      prepared, mask: mask, thresholds: thresholds, outsideLabel: options.outsideLabel)
  }

  /// Writes the labels, as uint8, and tells what was done.
  public func run(
    into sink: some VolumeSink, resources: Resources = Resources()
  ) throws(VoxelithError) -> SegmentationReport {
    let sharp = try partialVolume(resources)
    var labels: any VolumeSource
    if let model = sharp.model {
      labels = try model.labels(
        of: linear, mask: mask, outsideLabel: options.outsideLabel, resources: resources)
    } else {
      labels = try rawLabels()
    }
    if case .hysteresis = options.method {
      labels = try HysteresisView(
        labels, connectivity: options.connectivity, outside: options.outsideLabel, resources: resources)
    }
    var islands: SegmentationReport.Islands?
    if options.minimumIsland > 1 {
      let view = try IslandView(
        labels, smallerThan: options.minimumIsland, connectivity: options.connectivity,
        outside: options.outsideLabel, resources: resources)
      islands = view.report
      labels = view
    }
    let counts = try write(labels, into: sink, resources: resources)
    let outside = Int(options.outsideLabel)
    let inside = counts.reduce(0, +) - counts[outside]
    let classes = isHysteresis ? 2 : thresholds.count + 1
    return SegmentationReport(
      method: methodName, thresholds: thresholds, denoise: options.denoise.rawValue, noise: noise,
      bias: bias,
      phases: (0..<classes).filter { $0 != outside }.map {
        SegmentationReport.Phase(
          label: $0, voxels: counts[$0], fraction: Double(counts[$0]) / Double(max(1, inside)))
      }, outsideVoxels: counts[outside], islands: islands, partialVolume: sharp.model,
      partialVolumeReason: sharp.reason,
      outliers: histogram?.outliers)
  }

  /// Whether the blur of the scan is to be taken out of the labels.
  public var resolvesPartialVolume: Bool { options.resolvesPartialVolume }

  /// - Throws: `data` where partial volumes were asked for and the grey values do not tell the blur.
  private func partialVolume(
    _ resources: Resources
  ) throws(VoxelithError) -> (model: PartialVolume?, reason: String?) {
    guard resolvesPartialVolume else { return (nil, nil) }
    do throws(VoxelithError) {
      return (try PartialVolume.fit(linear, mask: mask, thresholds: thresholds, resources: resources), nil)
    } catch  where error.code == .data && options.partialVolume == nil {
      return (nil, error.message)
    }
  }

  private var isHysteresis: Bool {
    if case .hysteresis = options.method { true } else { false }
  }

  private var methodName: String {
    switch options.method {
    case .otsu(let classes): classes == 2 ? "otsu" : "multi-otsu"
    case .fixed: "fixed"
    case .hysteresis: "hysteresis"
    }
  }

  private func write(
    _ labels: any VolumeSource, into sink: some VolumeSink, resources: Resources
  ) throws(VoxelithError) -> [Int] {
    let plan = try BlockPlan(
      shape: labels.grid.shape, bytesPerVoxel: 48, memory: resources.memory / 2,
      inFlight: resources.threads + 1, chunk: labels.chunkShape,
      minimumBlocks: 4 * resources.threads)
    var counts = [Int](repeating: 0, count: 256)
    do throws(VoxelithError) {
      try BlockStream.run(plan.blocks, stage: "segmentation", resources: resources) {
        (block) throws(VoxelithError) in
        try labels.read(block.core)
      } consume: { (block, buffer) throws(VoxelithError) in
        if case .uint8(let values) = buffer { for value in values { counts[Int(value)] += 1 } }
        try sink.write(buffer, to: block.core)
      }
      try sink.finish()
    } catch {
      sink.abandon()
      throw error
    }
    return counts
  }
}
