import Volumetry

/// Turns the counts of one detector pixel's voxels into lithium, with everything precomputed that they share.
///
/// A class, so that handing it to a column of voxels copies none of its two dozen spectra.
final class VoxelAnalyzer: Sendable {
  let options: MapOptions
  let fitter: ProfileFitter
  let line: RatioCalibration
  /// Bins of the fit.
  let fitBins: Range<Int>
  let pixel: PixelSpectra
  /// The same with the bins that are left out of the fit, and which of the fit's bins these are.
  let complete: PixelSpectra
  let leftOut: [Int]
  let spectra: PreparedSpectra
  let ratio: RatioSums?
  /// Attenuation at the pixel's energies, where absorption is corrected.
  let attenuation: PixelAttenuation?

  /// - Parameters:
  ///   - basis: the calibration's spectra as this pixel sees them, and what interpolation left of their variance.
  ///   - axis: energies of the pixel's bins.
  /// - Throws: `data` where the method was not calibrated or its windows miss the axis.
  convenience init(
    calibration: Calibration, options: MapOptions, basis: ProfileBasis, keptVariance: [Double] = [],
    axis: EnergyAxis, geometry: ScatteringGeometry, liveTime: Double?, absorption: Absorption? = nil,
    seen: SeenAttenuation? = nil
  ) throws(VoxelithError) {
    let line = try Self.line(of: calibration, options.method)
    let time = basis.normalization == .liveTime ? liveTime ?? 1 : 1
    var ratio: RatioSums?
    do {
      ratio = try RatioSums(line, basis: basis, axis: axis, geometry: geometry, liveTime: time)
    } catch {
      guard options.method == .profile else { throw error }
    }
    self.init(
      options: options,
      fitter: ProfileFitter(
        range: calibration.range[0]...calibration.range[1], minimumCounts: options.minimumCounts,
        rangeSigmas: options.rangeSigmas, standardsCovariance: basis.standardsCovariance),
      line: line, fitBins: basis.fitRange, pixel: PixelSpectra(basis, liveTime: time, kept: keptVariance),
      leftOut: options.leftOut.filter { basis.fitRange.contains($0) }.map { $0 - basis.fitRange.lowerBound }
        .sorted(),
      ratio: options.leftOut.isEmpty ? ratio : nil,
      attenuation: absorption.map {
        PixelAttenuation($0, seen: seen, geometry: geometry, axis: axis, bins: basis.fitRange)
      })
  }

  private init(
    options: MapOptions, fitter: ProfileFitter, line: RatioCalibration, fitBins: Range<Int>,
    pixel: PixelSpectra, leftOut: [Int], ratio: RatioSums?, attenuation: PixelAttenuation?
  ) {
    self.options = options
    self.fitter = fitter
    self.line = line
    self.fitBins = fitBins
    complete = pixel
    self.leftOut = leftOut
    self.pixel = pixel.without(leftOut)
    spectra = self.pixel.prepared()
    self.ratio = ratio
    self.attenuation = attenuation
  }

  private static func line(
    of calibration: Calibration, _ method: MapMethod
  ) throws(VoxelithError) -> RatioCalibration {
    guard method == .valenceCore else { return calibration.methods.sParameter }
    guard let valence = calibration.methods.valenceCore else {
      throw VoxelithError(
        .data, "the calibration holds no valence-to-core ratio",
        advice: "give the formula in standards.yaml and calibrate again")
    }
    return valence
  }

  /// Working space of one thread.
  struct Scratch {
    var packed: [SIMD8<Float>] = []
    var spectra: PreparedSpectra
    var transmission: [SIMD8<Float>] = []
    var ratio = RatioSums.Scratch()
    /// Whether bins of the voxel were left out, so that `spectra` are its own.
    var hasSaturation = false
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
    let counted = count(counts, at: start, fractions: fractions, paths: paths, scratch: &scratch)
    guard counted.status == .good else { return VoxelResult(fit: VoxelFit(status: counted.status)) }
    return result(
      total: counted.total, fractions: fractions, through: counted.through,
      measured: counted.ratio?.estimate,
      isPlain: fractions == nil && attenuation == nil && !scratch.hasSaturation,
      scratch: scratch)
  }

  /// The result of counts that are packed in `scratch`, as are the spectra unless the voxel is plain.
  func result(
    total: Double, fractions: Span<Float>?, through: Double, measured: WindowRatio.Estimate?, isPlain: Bool,
    scratch: borrowing Scratch
  ) -> VoxelResult {
    var fit: VoxelFit
    if options.method != .profile {
      fit = ratioFit(measured, total: total, known: pixel.backgroundTotal, through: through)
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
    var result = VoxelResult(
      fit: fit, intensity: (total - pixel.backgroundTotal) / through,
      ratio: measured.map { line.quantity($0.value).value } ?? .nan)
    if options.wantsInformation, fit.status.hasValue {
      result.information = information(
        total: total, fractions: fractions, isPlain: isPlain, scratch: scratch)
    }
    return result
  }

  /// What the voxel is expected to tell of x at the middle of the calibrated range: 1 / variance by counts and
  /// fractions. It depends on the number of counts and not on their x.
  func information(
    total: Double, fractions: Span<Float>?, isPlain: Bool, scratch: borrowing Scratch
  ) -> Double {
    let spectra = isPlain ? self.spectra : scratch.spectra
    let net = total - spectra.offsetTotal
    guard net > 0, spectra.firstSum > 0 else { return 0 }
    let x = 0.5 * (fitter.range.lowerBound + fitter.range.upperBound)
    if options.method != .profile {
      return net * net / (total * options.varianceOfOneCount)
    }
    if fitsAmounts {
      let variance = FreeComponentFit(fitter: fitter, prior: prior(fractions)).expectedVariance(
        scratch.packed.span, net: net, x: x, own: spectra,
        components: attenuated(Array(pixel.weights[2...]), scratch.transmission))
      return variance > 0 && variance.isFinite ? 1 / variance : 0
    }
    let amplitude = net / spectra.firstSum / (1 + spectra.mixing * x)
    let v = (Float(amplitude * (1 + spectra.mixing * x)), Float(amplitude * x))
    let sums = ProfileFitKernel.sums(scratch.packed.span, spectra, v0: v.0, v1: v.1)
    let noise = ProfileFitKernel.basisNoise(
      spectra, v0: v.0, v1: v.1, backgroundShare: Float(spectra.backgroundShare ?? 1 - amplitude))
    guard let sensitivity = CorrectedSensitivity(sums, inflation: noise.inflation) else { return 0 }
    let projected = sensitivity.projection(
      of: gradientOfLithium(x: x, amplitude: amplitude, mixing: spectra.mixing))
    let variance = CorrectedSensitivity.variance(projected, noise.counting)
    return variance > 0 ? 1 / variance : 0
  }

  /// Whether the amounts of the components are parameters of the fit: where they are free, and where fractions are
  /// known with an error, so that the spectrum has its own word on them.
  var fitsAmounts: Bool {
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

  /// The analyzer of voxels whose spectra are those of `pixel`, with what absorption leaves already in them.
  func replacing(_ pixel: PixelSpectra) -> VoxelAnalyzer {
    VoxelAnalyzer(
      options: options, fitter: fitter, line: line, fitBins: fitBins, pixel: pixel, leftOut: [],
      ratio: ratio, attenuation: nil)
  }

  /// Composes the voxel's spectra and returns the mean transmission.
  func compose(
    _ fractions: Span<Float>?, _ paths: Span<Float>, scratch: inout Scratch
  ) -> Double {
    if scratch.spectra.groups != pixel.constant.count { scratch.spectra = spectra }
    scratch.spectra.bins = spectra.bins
    scratch.spectra[.keptVariance] = spectra[.keptVariance]
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

  private func ratioFit(
    _ ratio: WindowRatio.Estimate?, total: Double, known: Double, through: Double
  ) -> VoxelFit {
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
    if options.usesFractions, options.fractionSigma > 0, let sums = self.ratio {
      let scale = line.quantity(0).factor / line.slope
      let pulls = sums.pulls(ratio, fractionSigma: options.fractionSigma * through).map { $0 * scale }
      fit.fractionSigma = pulls.reduce(0) { $0 + $1 * $1 }.squareRoot()
      fit.fractionPulls = pulls.map { Float($0) }
    }
    let slack = options.rangeSigmas * fit.sigma
    if fit.x < fitter.range.lowerBound - slack || fit.x > fitter.range.upperBound + slack {
      fit.status = .outsideRange
    }
    return fit
  }
}
