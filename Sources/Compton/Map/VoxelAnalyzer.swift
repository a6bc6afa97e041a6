import Volumetry

/// Turns the counts of one voxel into lithium, with everything precomputed that voxels share.
struct VoxelAnalyzer: Sendable {
  let calibration: Calibration
  let options: MapOptions
  let fitter: ProfileFitter
  let line: RatioCalibration
  let weights: WindowRatio
  /// Bins where a weight of the ratio is not zero.
  let ratioBins: Range<Int>
  let spectra: PreparedSpectra
  let liveTime: Double
  /// Expected background of each bin and its variance for the live time.
  let background: [Double]
  let backgroundVariance: [Double]
  let knownCounts: Double
  /// Expected counts of each component in a filled voxel: per bin, and summed over the fit's bins.
  let componentCounts: [[Double]]
  let componentTotals: [Double]

  /// - Throws: `data` where the energy axis is not the calibration's, the method was not calibrated, or a live time
  ///   is needed and missing.
  init(
    calibration: Calibration, options: MapOptions, energy: EnergyAxis, acquisition: Acquisition,
    name: String = "the spectra"
  ) throws(VoxelithError) {
    let axis = try calibration.energyAxis()
    guard axis.matches(energy) else {
      throw VoxelithError(
        .data,
        "the energy axis (\(energy.count) bins, \(rounded(energy.centers[0])) to "
          + "\(rounded(energy.centers[energy.count - 1])) keV) is not that of the calibration (\(axis.count) bins, "
          + "\(rounded(axis.centers[0])) to \(rounded(axis.centers[axis.count - 1])) keV)", file: name,
        advice: "calibrate with standards of the same binning")
    }
    let basis = calibration.methods.profile
    let hasBackground = basis.background.rate.contains { $0 != 0 }
    if (hasBackground || options.usesFractions) && acquisition.liveTime == nil {
      throw VoxelithError(
        .data, "the live time of the voxels is missing; background and components scale with it", file: name,
        advice: "give it with --live-time SECONDS")
    }
    let geometry = try calibration.geometry()
    switch options.method {
    case .profile, .sParameter: line = calibration.methods.sParameter
    case .valenceCore:
      guard let valence = calibration.methods.valenceCore else {
        throw VoxelithError(
          .data, "the calibration holds no valence-to-core ratio",
          advice: "give the formula in standards.yaml and calibrate again")
      }
      line = valence
    }
    weights = try WindowRatio(
      windows: line.windows, energy: axis, geometry: geometry, correctsCrossSection: line.correctsCrossSection
    )
    let ratio = weights
    let used = (0..<axis.count).filter { ratio.numerator[$0] != 0 || ratio.denominator[$0] != 0 }
    ratioBins = (used.first ?? 0)..<((used.last ?? -1) + 1)
    fitter = ProfileFitter(
      range: calibration.range[0]...calibration.range[1], minimumCounts: options.minimumCounts,
      rangeSigmas: options.rangeSigmas, standardsCovariance: basis.standardsCovariance)
    self.calibration = calibration
    self.options = options
    let time = basis.normalization == .liveTime ? acquisition.liveTime ?? 1 : 1
    liveTime = time
    spectra = PreparedSpectra(basis, liveTime: time)
    componentCounts = basis.components.map { component in component.rate.map { $0 * time } }
    componentTotals = basis.components.map { component in
      basis.fitRange.reduce(0) { $0 + component.rate[$1] * time }
    }
    background = basis.background.rate.map { $0 * time }
    backgroundVariance = basis.background.variance.map { $0 * time * time }
    knownCounts = basis.fitRange.reduce(0) { $0 + basis.background.rate[$1] * time }
  }

  /// Working space of one thread.
  struct Scratch {
    var packed: [SIMD8<Float>]
    var known: KnownCounts
    /// Known counts of each bin for ratios.
    var background: [Double]
  }

  func scratch() -> Scratch {
    var known = KnownCounts(spectra, total: knownCounts)
    known.fractionSigma = options.fractionSigma
    return Scratch(
      packed: [SIMD8<Float>](repeating: SIMD8(repeating: 1), count: spectra.first.count), known: known,
      background: background)
  }

  /// Makes the known counts of the next voxel from its fractions: the active material's, then the components'.
  func prepare(_ fractions: Span<Float>, scratch: inout Scratch) {
    let others = fractions.extracting(1..<fractions.count)
    scratch.known.set(
      others, active: fractions[0], spectra: spectra, background: knownCounts,
      componentTotals: componentTotals)
    for bin in ratioBins {
      var sum = background[bin]
      for index in others.indices { sum += Double(others[index]) * componentCounts[index][bin] }
      scratch.background[bin] = sum
    }
  }

  /// Analyses the spectrum that starts at `start` of a block of counts.
  func analyze(_ counts: Span<Float>, at start: Int, scratch: inout Scratch) -> VoxelResult {
    let range = calibration.methods.profile.fitRange
    let window = counts.extracting((start + range.lowerBound)..<(start + range.upperBound))
    guard Self.pack(window, into: &scratch.packed), isUsable(counts, at: start) else {
      return VoxelResult(fit: VoxelFit(status: .badCounts), intensity: .nan, ratio: .nan)
    }
    var total = 0.0
    for bin in window.indices { total += Double(window[bin]) }
    let ratio = windowRatio(counts, at: start, background: scratch.background)
    var fit: VoxelFit
    switch options.method {
    case .profile:
      fit = fitter.fit(scratch.packed.span, total: total, known: scratch.known, spectra: spectra)
    case .sParameter, .valenceCore:
      fit = ratioFit(ratio, total: total, known: scratch.known.total)
    }
    if !fit.status.hasValue {
      let status = fit.status
      fit = VoxelFit(status: status)
    }
    return VoxelResult(
      fit: fit, intensity: total - knownCounts, ratio: line.quantity(ratio.value).value)
  }

  /// Fit of one spectrum over all bins of the calibration.
  func profileFit(counts: [Double]) throws(VoxelithError) -> VoxelFit {
    var scratch = scratch()
    let floats = counts.map { Float($0) }
    return analyze(floats.span, at: 0, scratch: &scratch).fit
  }

  /// The same analysis for another live time.
  func with(liveTime: Double) throws(VoxelithError) -> VoxelAnalyzer {
    try VoxelAnalyzer(
      calibration: calibration, options: options, energy: try calibration.energyAxis(),
      acquisition: Acquisition(liveTime: liveTime))
  }

  private func isUsable(_ counts: Span<Float>, at start: Int) -> Bool {
    for bin in ratioBins where !(counts[start + bin] >= 0) { return false }
    return true
  }

  /// Copies counts into groups of eight with 1 in the padding; false where one is negative or not finite.
  private static func pack(_ window: Span<Float>, into packed: inout [SIMD8<Float>]) -> Bool {
    var lowest = SIMD8<Float>.zero
    var highest = SIMD8<Float>.zero
    let whole = window.count / 8
    for group in 0..<whole {
      let at = group * 8
      let value = SIMD8(
        window[at], window[at + 1], window[at + 2], window[at + 3], window[at + 4], window[at + 5],
        window[at + 6], window[at + 7])
      lowest = pointwiseMin(lowest, value)
      highest = pointwiseMax(highest, value)
      packed[group] = value
      if any(value .!= value) { return false }
    }
    if whole * 8 < window.count {
      var value = SIMD8<Float>(repeating: 1)
      for lane in 0..<(window.count - whole * 8) {
        let count = window[whole * 8 + lane]
        guard count >= 0, count.isFinite else { return false }
        value[lane] = count
      }
      packed[whole] = value
    }
    return lowest.min() >= 0 && highest.max() < .infinity
  }

  private func windowRatio(
    _ counts: Span<Float>, at start: Int, background: [Double]
  ) -> WindowRatio.Estimate {
    var n = 0.0
    var d = 0.0
    var nn = 0.0
    var nd = 0.0
    var dd = 0.0
    for bin in ratioBins {
      let wn = weights.numerator[bin]
      let wd = weights.denominator[bin]
      let count = Double(counts[start + bin])
      let net = count - background[bin]
      let variance = count + backgroundVariance[bin]
      n += wn * net
      d += wd * net
      nn += wn * wn * variance
      nd += wn * wd * variance
      dd += wd * wd * variance
    }
    return WindowRatio.Estimate(numerator: n, denominator: d, covariance: [nn, nd, dd])
  }

  private func ratioFit(_ ratio: WindowRatio.Estimate, total: Double, known: Double) -> VoxelFit {
    guard total > 0, total > knownCounts - 5 * knownCounts.squareRoot() else {
      return VoxelFit(status: .empty)
    }
    guard total >= options.minimumCounts, ratio.value.isFinite else {
      return VoxelFit(status: .tooFewCounts)
    }
    let lithium = line.lithium(ratio: ratio.value, sigma: ratio.sigma)
    var fit = VoxelFit()
    fit.x = lithium.x
    fit.sigma = lithium.sigma
    fit.sharedSigma = lithium.sharedSigma
    let slack = options.rangeSigmas * fit.sigma
    if fit.x < calibration.range[0] - slack || fit.x > calibration.range[1] + slack {
      fit.status = .outsideRange
    }
    return fit
  }
}

extension PreparedSpectra {
  /// The spectra of a basis for a live time in seconds, with the background as the only known counts.
  init(_ basis: ProfileBasis, liveTime: Double) {
    let range = basis.fitRange
    let square = liveTime * liveTime
    self.init(
      constant: range.map { basis.constant[$0] * liveTime }, slope: range.map { basis.slope[$0] * liveTime },
      offset: range.map { basis.background.rate[$0] * liveTime },
      constantVariance: range.map { basis.constantVariance[$0] * square },
      crossCovariance: range.map { basis.crossCovariance[$0] * square },
      slopeVariance: range.map { basis.slopeVariance[$0] * square },
      offsetVariance: range.map { basis.background.variance[$0] * square })
    components = basis.components.map { component in
      Self.pack(range.map { component.rate[$0] * liveTime }, padding: 0)
    }
    componentVariances = basis.components.map { component in
      Self.pack(range.map { component.variance[$0] * square }, padding: 0)
    }
  }
}
