public import Microstructure
public import Volumetry

/// What `segment` is told.
public struct SegmentSettings: OperationSettings {
  public var classes: Int?
  public var thresholds: [Double]?
  public var hysteresis: [Double]?
  public var denoise = SegmentationOptions.Denoise.none
  public var strength = 1.0
  public var correctRadial = false
  public var correctDrift = false
  public var minimumIsland = 0
  public var connectivity = Connectivity.six
  public var partialVolume: Bool?
  public var mask: String?
  public var sweep: Double?
  public var sweepMetrics: [SweepMetric] = [.porosity, .surface, .chords]

  public init() {}

  public enum CodingKeys: String, CodingKey, CaseIterable {
    case classes, thresholds, hysteresis, denoise, strength, connectivity, mask, sweep
    case correctRadial = "correct_radial"
    case correctDrift = "correct_drift"
    case minimumIsland = "minimum_island_voxels"
    case partialVolume = "partial_volume"
    case sweepMetrics = "sweep_metrics"
  }

  public static func help(_ key: CodingKeys) -> String {
    switch key {
    case .classes: "Number of phases that Otsu's thresholds separate, from 2 to 8 (2 by default)."
    case .thresholds: "Thresholds set by hand, in rising order; n thresholds give n + 1 phases."
    case .hysteresis:
      "Two thresholds low,high: phase 1 lies above low where it is connected to voxels above high."
    case .denoise: "none, median or nlm (non-local means)."
    case .strength: "Strength of non-local means in standard deviations of the noise."
    case .correctRadial:
      "Remove beam hardening: a trend of grey values with distance from the rotation axis."
    case .correctDrift: "Remove drift of the grey values from slice to slice."
    case .minimumIsland: "Components with fewer voxels get the label around them."
    case .connectivity: "Neighbours of a voxel: 6, 18 or 26."
    case .partialVolume:
      "Take the blur of the scan out of the labels, so that blurred edges do not pass for a phase of middle grey (by default with three phases or more, where the grey values allow it)."
    case .mask: "Voxels to include: a volume of the same shape, above zero inside; the others get label 255."
    case .sweep: "Sweep the threshold by this share of the contrast."
    case .sweepMetrics:
      "What the sweep measures: porosity, surface, chords, thickness, correlation, transport."
    }
  }

  public func validate() throws(VoxelithError) {
    guard thresholds == nil || hysteresis == nil else {
      throw VoxelithError(.usage, "thresholds and hysteresis exclude each other")
    }
    guard classes == nil || (thresholds == nil && hysteresis == nil) else {
      throw VoxelithError(.usage, "classes: thresholds by hand say how many phases there are")
    }
    if let classes, !(2...8).contains(classes) {
      throw VoxelithError(
        .usage,
        "classes: \(classes) \(classes == 1 ? "class is" : "classes are") too \(classes < 2 ? "few" : "many")",
        advice: "choose from 2 to 8")
    }
    guard partialVolume != true || hysteresis == nil else {
      throw VoxelithError(
        .usage, "partial_volume: hysteresis separates phases by more than their grey values",
        advice: "leave one of the two out")
    }
    guard partialVolume != true || sweep == nil else {
      throw VoxelithError(
        .usage, "partial_volume: a sweep moves the threshold of labels that thresholds alone make",
        advice: "leave one of the two out")
    }
    if let thresholds, thresholds.isEmpty || !zip(thresholds, thresholds.dropFirst()).allSatisfy({ $0 < $1 })
    {
      throw VoxelithError(.usage, "thresholds: must be rising numbers")
    }
    if let hysteresis, hysteresis.count != 2 || !(hysteresis[0] <= hysteresis[1]) {
      throw VoxelithError(.usage, "hysteresis: needs two numbers, the lower one first")
    }
    try NumberRange.denoisingStrength.check(strength, code: .usage)
    guard strength == 1 || denoise == .nonLocalMeans else {
      throw VoxelithError(.usage, "strength: is for denoise nlm, not for \(denoise.rawValue)")
    }
    guard minimumIsland >= 0 else {
      throw VoxelithError(.usage, "minimum_island_voxels: must not be negative")
    }
    try SettingsCheck.range(CodingKeys.sweep, sweep, 1e-6...0.5)
    guard sweep != nil || sweepMetrics == SegmentSettings().sweepMetrics else {
      throw VoxelithError(
        .usage, "sweep_metrics: there is no sweep", advice: "give its share of the contrast")
    }
  }

  /// - Throws: what ``validate()`` throws.
  public func options() throws(VoxelithError) -> SegmentationOptions {
    try validate()
    var method = SegmentationOptions.Method.otsu(classes: classes ?? 2)
    if let thresholds { method = .fixed(thresholds) }
    if let hysteresis { method = .hysteresis(low: hysteresis[0], high: hysteresis[1]) }
    return SegmentationOptions(
      method: method, denoise: denoise, strength: strength,
      bias: BiasModel.Options(radial: correctRadial, drift: correctDrift), minimumIsland: minimumIsland,
      connectivity: connectivity, partialVolume: partialVolume)
  }

  /// The same with the names of files as another function makes them.
  package func resolved(_ resolve: (String) -> String) -> SegmentSettings {
    var result = self
    result.mask = mask.map(resolve)
    return result
  }

  /// The segmentation of a volume, ready to be written.
  public func segmentation(
    of source: any VolumeSource, resources: Resources
  ) throws(VoxelithError) -> Segmentation {
    try Segmentation(
      source, mask: try mask.map { (path) throws(VoxelithError) in try VolumeInputSettings().open(path) },
      options: try options(), resources: resources)
  }

  /// Segments a volume and writes the labels and `segment.json` beside them.
  ///
  /// - Throws: `cannotCreate` where an output exists and may not be overwritten; errors of the segmentation.
  @discardableResult
  public func write(
    _ source: any VolumeSource, to path: String, overwrite: Bool, resources: Resources
  ) throws(VoxelithError) -> SegmentationSummary {
    try SegmentationFile.write(
      try segmentation(of: source, resources: resources), to: path,
      sweep: sweep.map { SegmentationFile.Sweep(fraction: $0, metrics: sweepMetrics) }, overwrite: overwrite,
      resources: resources)
  }
}
