public import Volumetry

extension Calibration {
  /// Makes a calibration for every method that the standards allow.
  ///
  /// - Throws: `data` where the standards do not determine the methods, see ``StandardSet`` and
  ///   ``ProfileBasis``.
  public init(_ set: StandardSet, options: CalibrationOptions = CalibrationOptions()) throws(VoxelithError) {
    let basis = try ProfileBasis(set, choosing: options.fitWindow)
    guard let lowest = set.standards.first?.x, let highest = set.standards.last?.x else {
      throw VoxelithError(.data, "there are no standards")
    }
    let middle = 0.5 * (lowest + highest)
    func windows(
      _ given: MomentumWindows?, hasGap: Bool
    ) throws(VoxelithError) -> MomentumWindows {
      if let given { return given }
      return try WindowOptimizer.best(
        basis: basis, energy: set.energy, geometry: set.geometry, x: middle, hasGap: hasGap,
        side: options.side, correctsCrossSection: options.correctsCrossSection
      ).windows
    }
    let sParameter = try RatioCalibration(
      set, windows: try windows(options.sWindows, hasGap: false),
      correctsCrossSection: options.correctsCrossSection, background: basis.background)
    var valenceCore: RatioCalibration?
    if let formula = set.formula {
      let chosen = try windows(options.valenceWindows, hasGap: true)
      let scale = try Self.coreScale(
        CoreProfile(formula, x: middle, threshold: options.coreThreshold), windows: chosen, set: set,
        correctsCrossSection: options.correctsCrossSection)
      valenceCore = try RatioCalibration(
        set, windows: chosen, correctsCrossSection: options.correctsCrossSection, coreScale: scale,
        background: basis.background)
    }
    self.init(
      format: Self.currentFormat, incidentEnergy: set.geometry.incidentEnergy,
      scatteringAngle: set.geometry.angle,
      response: try set.learntResponse() ?? set.response,
      formula: set.formula?.description,
      energy: set.energy.centers, range: [lowest, highest], standards: [],
      methods: Methods(profile: basis, sParameter: sParameter, valenceCore: valenceCore))
    standards = try Self.summaries(set, calibration: self)
    isFromCharge = set.sharedCauses > 0 ? true : nil
  }

  /// Core electrons that the inner window holds for each one in the outer window, as the detector sees them.
  private static func coreScale(
    _ core: CoreProfile, windows: MomentumWindows, set: StandardSet, correctsCrossSection: Bool
  ) throws(VoxelithError) -> Double {
    let model = SpectrumModel(energy: set.energy, geometry: set.geometry, response: set.response)
    let counts = model.expected(core)
    let ratio = try WindowRatio(
      windows: windows, energy: set.energy, geometry: set.geometry,
      correctsCrossSection: correctsCrossSection
    ).estimate(counts: counts)
    guard ratio.value.isFinite, ratio.value > 0 else {
      throw VoxelithError(
        .data, "the formula has no core electrons in the window of the valence-to-core ratio",
        advice: "lower the threshold of binding energy or leave out the formula")
    }
    return ratio.value
  }

  /// Puts every standard through the fit that voxels go through.
  private static func summaries(
    _ set: StandardSet, calibration: Calibration
  ) throws(VoxelithError) -> [StandardSummary] {
    try set.standards.map { standard throws(VoxelithError) in
      let time = standard.spectrum.liveTime
      let analyzer = try VoxelAnalyzer(
        calibration: calibration, options: MapOptions(), basis: calibration.methods.profile,
        axis: set.energy, geometry: set.geometry, liveTime: time ?? 1)
      let fit = analyzer.profileFit(counts: standard.spectrum.counts)
      let counting = (fit.sigma * fit.sigma - fit.sharedSigma * fit.sharedSigma).squareRoot()
      return StandardSummary(
        name: standard.name, x: standard.x, xSigma: standard.totalXSigma, counts: standard.spectrum.total,
        liveTime: time, fittedX: fit.status.hasValue ? fit.x : nil,
        fittedSigma: fit.status.hasValue && counting.isFinite ? counting : nil)
    }
  }
}
