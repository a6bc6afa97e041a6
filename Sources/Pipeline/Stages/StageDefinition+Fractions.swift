import Microstructure
import Readers
import Registration
import Results
import Volumetry

extension StageDefinition {
  /// Volume fractions of the phases on the grid of the spectra, with their errors.
  static let fractions = StageDefinition(
    name: "fractions", reads: ["segment", "register"],
    absence: { file, plan in
      if file.inputs.files.fractions != nil { return "fractions are given" }
      if !plan.hasLabels(file) { return "there are no labels" }
      return plan.has("register") ? nil : "it needs register"
    },
    cost: { costs in
      StageCost(
        Double(costs.labelled) * costs.million * (0.05 + 0.05 * Double(costs.variants))
          + 1e-3 * Double(costs.coarse), costs.streamed)
    },
    prepare: { (pipeline, folder) throws(VoxelithError) in try pipeline.fractionStage(folder) })
}

extension Pipeline {
  fileprivate func fractionStage(_ folder: String) throws(VoxelithError) -> Stage {
    let settings = file.fractions
    let components = try components()
    let truth = file.inputs.files.truthFractions.map(resolve)
    let usesGrey = plan.has("segment")
    let hasVariants = usesGrey && file.thresholds.thresholdSigma > 0
    let spread = try file.register.spread()
    var keyed: [String: any Encodable] = [
      "minimum_coverage": settings.minimumCoverage, "sigma": settings.sigma, "active": file.phases.active,
      "pore": file.phases.pore, "components": components.map { [$0.name, "\($0.label)"] },
      "psf_fwhm_um": file.register.pointSpread, "has_truth": truth != nil,
      "from": usesGrey ? "grey values" : "labels",
      "labels": file.inputs.labelVolume, "fine_grid": GridSettings(try fineGrid()),
      "coarse_grid": GridSettings(try coarseGrid()),
    ]
    var inputs = [labelPath(folder), folder + "/register/transform.json", truth].compactMap { $0 }
    if usesGrey {
      keyed["segment"] = segmentSettings
      keyed["thresholds"] = file.thresholds
      keyed["xct"] = file.inputs.tomogram
      inputs += [finePath, segmentSettings.resolved(resolve).mask].compactMap { $0 }
    }
    return try Stage("fractions", inputs: inputs, settings: keyed) {
      (work, resources) throws(VoxelithError) in
      let (transform, uncertainty) = try alignment(folder)
      var projection = try FieldProjection(onto: try coarseGrid(), through: transform, spread: spread)
      projection.minimumCoverage = settings.minimumCoverage
      let phases =
        [PhaseFractions.Phase(name: "active", label: file.phases.active)]
        + components.map { PhaseFractions.Phase(name: $0.name, label: $0.label) }
      let segmentation = usesGrey ? try segmentation(resources) : nil
      try FractionFolder.write(
        FractionFolder.Request(
          phases: phases, pore: file.phases.pore, projection: projection, alignment: uncertainty,
          segmentation: segmentation, fine: try fineGrid(),
          variants: hasVariants ? try thresholdVariants(segmentation, resources) : [],
          givenSigma: settings.sigma,
          truth: try truth.map { (path) throws(VoxelithError) in try FractionFile.open(path) } ?? []),
        labels: try openLabels(folder), to: work, resources: resources)
    }
  }

  /// Labels with each threshold moved by its standard deviation to both sides.
  private func thresholdVariants(
    _ segmentation: Segmentation?, _ resources: Resources
  ) throws(VoxelithError) -> [(low: any VolumeSource, high: any VolumeSource)] {
    guard let segmentation else { return [] }
    let histogram: GreyHistogram
    if let known = segmentation.histogram {
      histogram = known
    } else {
      histogram = try GreyHistogram.gather(
        segmentation.prepared, mask: segmentation.mask, resources: resources)
    }
    let thresholds = segmentation.thresholds
    let grid = try fineGrid()
    var variants: [(low: any VolumeSource, high: any VolumeSource)] = []
    for (index, threshold) in thresholds.enumerated() {
      let below = histogram.mean(above: index > 0 ? thresholds[index - 1] : -.infinity, upTo: threshold)
      let above = histogram.mean(
        above: threshold, upTo: index + 1 < thresholds.count ? thresholds[index + 1] : .infinity)
      let step = file.thresholds.thresholdSigma * (above - below)
      guard step.isFinite, step > 0 else { continue }
      func view(_ change: Double) throws(VoxelithError) -> any VolumeSource {
        var moved = thresholds
        moved[index] += change
        return try PlacedVolume(
          try ThresholdView(
            segmentation.prepared, mask: segmentation.mask, thresholds: moved,
            outsideLabel: segmentation.options.outsideLabel), on: grid)
      }
      variants.append((try view(-step), try view(step)))
    }
    return variants
  }

  /// Segmentations that the fractions look at beside the chosen one.
  func variantCount() throws(VoxelithError) -> Int {
    guard plan.has("segment"), file.thresholds.thresholdSigma > 0 else { return 0 }
    switch try segmentSettings.options().method {
    case .otsu(let classes): return 2 * (classes - 1)
    case .fixed(let thresholds): return 2 * thresholds.count
    case .hysteresis: return 0
    }
  }
}
