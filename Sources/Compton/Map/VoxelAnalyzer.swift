import Volumetry

/// Turns the counts of one detector pixel's voxels into lithium, with everything precomputed that they share.
struct VoxelAnalyzer: Sendable {
  let options: MapOptions
  let fitter: ProfileFitter
  let line: RatioCalibration
  /// Bins of the fit.
  let fitBins: Range<Int>
  let pixel: PixelSpectra
  let spectra: PreparedSpectra
  let ratio: RatioSums?
  /// Attenuation at the pixel's energies, where absorption is corrected.
  let attenuation: PixelAttenuation?

  /// - Parameters:
  ///   - basis: the calibration's spectra as this pixel sees them, and what interpolation left of their variance.
  ///   - axis: energies of the pixel's bins.
  /// - Throws: `data` where the method was not calibrated or its windows miss the axis.
  init(
    calibration: Calibration, options: MapOptions, basis: ProfileBasis, keptVariance: [Double] = [],
    axis: EnergyAxis, geometry: ScatteringGeometry, liveTime: Double?, absorption: Absorption? = nil
  ) throws(VoxelithError) {
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
    let time = basis.normalization == .liveTime ? liveTime ?? 1 : 1
    self.options = options
    fitter = ProfileFitter(
      range: calibration.range[0]...calibration.range[1], minimumCounts: options.minimumCounts,
      rangeSigmas: options.rangeSigmas, standardsCovariance: basis.standardsCovariance)
    fitBins = basis.fitRange
    pixel = PixelSpectra(basis, liveTime: time, kept: keptVariance)
    spectra = pixel.prepared()
    attenuation = absorption.map {
      PixelAttenuation($0, incidentEnergy: geometry.incidentEnergy, axis: axis, bins: basis.fitRange)
    }
    do {
      ratio = try RatioSums(line, basis: basis, axis: axis, geometry: geometry, liveTime: time)
    } catch {
      guard options.method == .profile else { throw error }
      ratio = nil
    }
  }

  /// Working space of one thread.
  struct Scratch {
    var packed: [SIMD8<Float>] = []
    var spectra: PreparedSpectra
    var transmission: [SIMD8<Float>] = []
    var ratio = RatioSums.Scratch()
  }

  func scratch() -> Scratch { Scratch(spectra: spectra) }

  /// Analyses the spectrum that starts at `start` of a block of counts.
  ///
  /// - Parameters:
  ///   - fractions: the active material's, then the components'; nil without fractions.
  ///   - paths: lengths in cm through each absorbing phase: in, then out; empty without absorption.
  func analyze(
    _ counts: Span<Float>, at start: Int, fractions: Span<Float>? = nil, paths: Span<Float>,
    scratch: inout Scratch
  ) -> VoxelResult {
    let window = counts.extracting((start + fitBins.lowerBound)..<(start + fitBins.upperBound))
    let groups = pixel.constant.count
    if scratch.packed.count != groups {
      scratch.packed = [SIMD8<Float>](repeating: SIMD8(repeating: 1), count: groups)
    }
    guard CountPacking.pack(window, into: &scratch.packed) else {
      return VoxelResult(fit: VoxelFit(status: .badCounts))
    }
    let total = CountPacking.total(scratch.packed.span, bins: window.count)
    var through = 1.0
    let isPlain = fractions == nil && attenuation == nil
    if !isPlain { through = compose(fractions, paths, scratch: &scratch) }
    var measured: WindowRatio.Estimate?
    if let ratio {
      measured = ratio.estimate(
        counts, at: start, fractions: fractions, fractionSigma: options.fractionSigma,
        through: Float(through),
        scratch: &scratch.ratio)
      if measured == nil { return VoxelResult(fit: VoxelFit(status: .badCounts)) }
    }
    var fit: VoxelFit
    if options.method != .profile {
      fit = ratioFit(measured, total: total, known: pixel.backgroundTotal)
    } else if fitsAmounts {
      fit = FreeComponentFit(fitter: fitter, prior: prior(fractions)).fit(
        scratch.packed.span, total: total, own: isPlain ? spectra : scratch.spectra,
        components: attenuated(pixel.components, scratch.transmission),
        weights: attenuated(Array(pixel.weights[2...]), scratch.transmission),
        variances: attenuated(
          attenuated(pixel.componentVariances, scratch.transmission), scratch.transmission))
    } else if isPlain {
      fit = fitter.fit(scratch.packed.span, total: total, spectra: spectra)
    } else {
      fit = fitter.fit(scratch.packed.span, total: total, spectra: scratch.spectra)
    }
    if !fit.status.hasValue { fit = VoxelFit(status: fit.status) }
    return VoxelResult(
      fit: fit, intensity: (total - pixel.backgroundTotal) / through,
      ratio: measured.map { line.quantity($0.value).value } ?? .nan)
  }

  /// Whether the amounts of the components are parameters of the fit: where they are free, and where fractions are
  /// known with an error, so that the spectrum has its own word on them.
  private var fitsAmounts: Bool {
    guard options.method == .profile, !pixel.components.isEmpty else { return false }
    switch options.components {
    case .free: return true
    case .known: return options.usesFractions && options.fractionSigma > 0
    case .tied: return false
    }
  }

  /// What is known of the components' amounts before the fit.
  private func prior(_ fractions: Span<Float>?) -> FreeComponentFit.Prior? {
    guard options.components == .known, let fractions else { return nil }
    return FreeComponentFit.Prior(
      amounts: (1..<fractions.count).map { Double(fractions[$0]) }, sigma: options.fractionSigma)
  }

  private func attenuated(
    _ spectra: [[SIMD8<Float>]], _ transmission: [SIMD8<Float>]
  ) -> [[SIMD8<Float>]] {
    guard attenuation != nil else { return spectra }
    return spectra.map { spectrum in zip(spectrum, transmission).map { $0 * $1 } }
  }

  /// Composes the voxel's spectra and returns the mean transmission.
  private func compose(
    _ fractions: Span<Float>?, _ paths: Span<Float>, scratch: inout Scratch
  ) -> Double {
    if scratch.spectra.first.count != pixel.constant.count { scratch.spectra = spectra }
    scratch.spectra.bins = spectra.bins
    scratch.spectra.keptVariance = spectra.keptVariance
    var through = 1.0
    var transmission: [SIMD8<Float>]?
    if let attenuation {
      attenuation.transmission(paths, into: &scratch.transmission)
      through = pixel.meanTransmission(scratch.transmission)
      transmission = scratch.transmission
    }
    if let fractions, !fitsAmounts {
      pixel.compose(
        into: &scratch.spectra, fractions: fractions.extracting(1..<fractions.count), active: fractions[0],
        isTied: options.components == .tied, transmission: transmission,
        fractionSigma: Float(options.fractionSigma))
    } else {
      pixel.compose(into: &scratch.spectra, transmission: transmission)
    }
    return through
  }

  /// Fit of one spectrum over all bins of the calibration.
  func profileFit(counts: [Double]) -> VoxelFit {
    var scratch = scratch()
    let floats = counts.map { Float($0) }
    let none: [Float] = []
    return analyze(floats.span, at: 0, paths: none.span, scratch: &scratch).fit
  }

  private func ratioFit(_ ratio: WindowRatio.Estimate?, total: Double, known: Double) -> VoxelFit {
    guard let ratio, total > 0, total > known - 5 * known.squareRoot() else {
      return VoxelFit(status: .empty)
    }
    guard total >= options.minimumCounts, ratio.value.isFinite else {
      return VoxelFit(status: .tooFewCounts)
    }
    guard ratio.denominator > ProfileFitter.leastSignificance * ratio.covariance[2].squareRoot() else {
      return VoxelFit(status: .empty)
    }
    let lithium = line.lithium(ratio: ratio.value, sigma: ratio.sigma)
    var fit = VoxelFit()
    fit.x = lithium.x
    fit.sigma = lithium.sigma
    fit.sharedSigma = lithium.sharedSigma
    let slack = options.rangeSigmas * fit.sigma
    if fit.x < fitter.range.lowerBound - slack || fit.x > fitter.range.upperBound + slack {
      fit.status = .outsideRange
    }
    return fit
  }
}
