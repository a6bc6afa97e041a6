package import Microstructure
import Readers
package import Registration
package import Volumetry

/// Writes `fractions.tif` (channels: active material, then the components), `fraction_sigma.tif`,
/// `fraction_modes.tif`, `porosity.tif` and `fractions.json`.
package enum FractionFolder {
  package struct Request {
    /// The active material first, then the components.
    var phases: [PhaseFractions.Phase]
    var pore: Int
    var projection: FieldProjection
    /// What the alignment left uncertain.
    var alignment: (parameters: LocalParameters, covariance: Matrix)?
    /// The grey values that thresholds parted; nil where labels were given.
    var segmentation: Segmentation?
    /// The grid of the XCT, where the grey values lie.
    var fine: Grid?
    /// Labels with one threshold moved down and up, one pair per threshold.
    var variants: [(low: any VolumeSource, high: any VolumeSource)]
    var givenSigma: Double
    /// True fractions of a twin, phase by phase.
    var truth: [any VolumeSource]

    package init(
      phases: [PhaseFractions.Phase], pore: Int, projection: FieldProjection,
      alignment: (parameters: LocalParameters, covariance: Matrix)?,
      segmentation: Segmentation? = nil, fine: Grid? = nil,
      variants: [(low: any VolumeSource, high: any VolumeSource)], givenSigma: Double,
      truth: [any VolumeSource]
    ) {
      self.phases = phases
      self.pore = pore
      self.projection = projection
      self.alignment = alignment
      self.segmentation = segmentation
      self.fine = fine
      self.variants = variants
      self.givenSigma = givenSigma
      self.truth = truth
    }
  }

  package static func write(
    _ request: Request, labels: any VolumeSource, to folder: String, resources: Resources
  ) throws(VoxelithError) {
    var all = request.phases
    let poreIndex: Int
    if let index = all.firstIndex(where: { $0.label == request.pore }) {
      poreIndex = index
    } else {
      poreIndex = all.count
      all.append(PhaseFractions.Phase(name: "pore", label: request.pore))
    }
    var fractions = try PhaseFractions(
      of: labels, phases: all, through: request.projection, resources: resources)
    try fractions.addAlignment(request.alignment, labels: labels, resources: resources)
    let greyReason = try useGrey(of: request, &fractions, labels: labels, resources: resources)
    if fractions.grey == nil {
      for pair in request.variants {
        try fractions.addThreshold(low: pair.low, high: pair.high, resources: resources)
      }
    }
    fractions.addBorder()
    let given = request.givenSigma
    let used = request.phases.indices
    let sigmas = all.indices.map { fractions.sigma($0, given: given) }
    let names = request.phases.map(\.name)
    try save(used.map { fractions.values[$0] }, names, to: folder + "/fractions.tif")
    try save(used.map { sigmas[$0] }, names, to: folder + "/fraction_sigma.tif")
    try save([fractions.values[poreIndex]], ["porosity"], to: folder + "/porosity.tif")
    try FractionModeFile.write(
      fractions.modes, phases: used, grid: request.projection.target,
      to: folder + "/" + FractionModeFile.name)
    let own = fractions.own
    var report = FractionReport(
      phases: used.map { describe(fractions, $0, given: given) },
      voxels: request.projection.target.shape.count,
      covered: fractions.values[0].voxels.reduce(0) { $0 + ($1.isNaN ? 0 : 1) },
      minimumCoverage: request.projection.minimumCoverage, mapSigma: 0,
      ownCovariance: used.map { a in used.map { rounded(own[a, $0] + (a == $0 ? given * given : 0)) } },
      modes: fractions.modes.map(\.cause.rawValue), grey: fractions.grey, greyReason: greyReason,
      blur: fractions.blur)
    // The map subtracts the components, so theirs are the errors that matter.
    let errors = report.phases.map(\.sigma.own)
    let others = errors.count > 1 ? Array(errors.dropFirst()) : errors
    report.mapSigma = rounded(
      (others.reduce(0) { $0 + $1 * $1 } / Double(max(1, others.count))).squareRoot())
    if !request.truth.isEmpty { report.truth = try compare(fractions, sigmas, request) }
    try JSONOutput.write(report, to: folder + "/fractions.json", overwrite: true)
  }

  private static func describe(
    _ fractions: PhaseFractions, _ phase: Int, given: Double
  ) -> FractionReport.Phase {
    var mean = Moments()
    for value in fractions.values[phase].voxels { mean.add(Double(value)) }
    let alignment = fractions.deviation(phase, .alignment)
    let grey = fractions.deviation(phase, .greyValues)
    let thresholds = fractions.deviation(phase, .thresholds)
    let border = fractions.deviation(phase, .border)
    let sampling = fractions.sampling[phase, phase]
    let noise = fractions.noise[phase, phase]
    let own = sampling + noise + given * given
    let shared = alignment * alignment + grey * grey + thresholds * thresholds + border * border
    return FractionReport.Phase(
      name: fractions.phases[phase].name, label: fractions.phases[phase].label, mean: rounded(mean.mean),
      sigma: FractionReport.Sigma(
        alignment: rounded(alignment), greyValues: rounded(grey), thresholds: rounded(thresholds),
        border: rounded(border), sampling: rounded(sampling.squareRoot()), noise: rounded(noise.squareRoot()),
        given: rounded(given),
        shared: rounded(shared.squareRoot()), own: rounded(own.squareRoot()),
        total: rounded((own + shared).squareRoot())))
  }

  /// - Returns: why labels decide although there are grey values; nil where they do not, or there are none.
  private static func useGrey(
    of request: Request, _ fractions: inout PhaseFractions, labels: any VolumeSource, resources: Resources
  ) throws(VoxelithError) -> String? {
    guard let segmentation = request.segmentation, let fine = request.fine else { return nil }
    if case .hysteresis = segmentation.options.method {
      return "hysteresis parts the phases by more than their grey values"
    }
    let grey = try PlacedVolume(segmentation.linear, on: fine)
    do throws(VoxelithError) {
      let model = try GreyModel.fit(
        grey, thresholds: segmentation.thresholds,
        labels: segmentation.resolvesPartialVolume ? labels : nil, resources: resources)
      try fractions.useGrey(
        grey, model: model, histogram: segmentation.histogram, thresholds: segmentation.thresholds,
        labels: labels, resolved: segmentation.resolvesPartialVolume, resources: resources)
      return nil
    } catch  where error.code == .data {
      return error.message
    }
  }

  private static func compare(
    _ fractions: PhaseFractions, _ sigmas: [Volume<Float>], _ request: Request
  ) throws(VoxelithError) -> [String: TruthComparison] {
    guard request.truth.count == request.phases.count else {
      throw VoxelithError(
        .data, "the true fractions have \(request.truth.count) phases, not \(request.phases.count)",
        file: request.truth.first?.name)
    }
    var result: [String: TruthComparison] = [:]
    // A phase that is nowhere, or of which nothing is uncertain, has no error to compare.
    for (index, phase) in request.phases.enumerated()
    where sigmas[index].voxels.contains(where: { $0 > 0 }) {
      result[phase.name] = try TruthComparison(
        map: fractions.values[index], sigma: sigmas[index], truth: request.truth[index])
    }
    return result
  }

  package static func save(
    _ volumes: [Volume<Float>], _ names: [String], to path: String, overwrite: Bool = true
  ) throws(VoxelithError) {
    guard let first = volumes.first else { return }
    let writer = try TIFFVolumeWriter(
      path: path, grid: first.grid, type: .float32, channels: volumes.count, channelNames: names,
      overwrite: overwrite)
    for (channel, volume) in volumes.enumerated() {
      try writer.write(.float32(volume.voxels), channel: channel, to: Region(whole: first.shape))
    }
    try writer.finish()
  }
}
