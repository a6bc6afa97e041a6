public import Volumetry

extension LithiumMap {
  /// Judges the summed spectra of a map.
  ///
  /// - Parameter mapped: voxels that have a value, where some of them may not be in the sums; nil where all are.
  /// - Returns: what was found, and what is to be added to x of the voxels; nil where there is nothing to correct. Nil where no voxel
  ///   was mapped.
  /// - Throws: `data` where the sums do not tell amplitudes.
  public func judge(
    _ sums: CountSums, meanIntensity: Double, mapped: Int? = nil
  ) throws(VoxelithError) -> (misfit: Misfit, correction: LithiumCorrection?, sum: MeanOfSum)? {
    let groups = pixelGroups
    let pixelSums = try PixelSums(sums, of: self)
    guard pixelSums.count > 0 else { return nil }
    var named = options.instrument
    try named.validate()
    // Where the other phases of a cell are named, less of any that is not is to be expected.
    if fractions != nil, named.phases == InstrumentSettings().phases { named.phases *= 0.1 }
    let settings = named
    let range = calibration.range[0]...calibration.range[1]
    let span = range.upperBound - range.lowerBound
    let middle = 0.5 * (range.lowerBound + range.upperBound)
    let everything = Array(0..<pixelSums.count)
    guard try pixelSums.joined(everything).sums.reduce(0, { $0 + $1.total }) >= Self.leastCountsToJudge else {
      return nil
    }
    let phases = ForeignPhases(calibration)
    let uneven = try UnevenPixels(pixelSums, groups: groups) { (chosen) throws(VoxelithError) in
      let (spectra, place) = try pixelSums.joined(chosen)
      return UnevenPixels.Joint(
        spectra: spectra, place: place,
        fit: try InstrumentFit(
          spectra, response: calibration.response, settings: settings, middle: middle, phases: phases))
    }
    let (fit, pixels) = (uneven.main.fit, uneven.pixels)
    let canCorrect = options.method == .profile
    var misfit = Misfit(fit, settings: settings, span: span, canCorrect: canCorrect)
    if let worst = pixels.worst {
      misfit.largestPixelChiSquaredPerDOF = worst.chiSquaredPerDOF
      let corner = groups.pixels(pixelSums.group(worst.index))
      misfit.largestPixel = [corner.rows.lowerBound, corner.columns.lowerBound]
      misfit.pixelsPerEdge = groups.side
    }
    if canCorrect { misfit.take(pixels) }
    let voxels = Int(pixelSums.voxels(Set(everything)))
    misfit.take(
      uneven,
      parts: uneven.apart.map {
        Misfit(
          $0.joint.fit, settings: settings, span: span, canCorrect: canCorrect,
          largestSigma: Misfit.largestSigmaOfPart)
      }, voxels: voxels, groups: groups)
    let depth = try UnevenDepth(sums, of: self, main: uneven.main) { (spectrum) throws(VoxelithError) in
      UnevenPixels.Joint(
        spectra: [spectrum], place: [0],
        fit: try InstrumentFit(
          [spectrum], response: calibration.response, settings: settings, middle: middle, phases: phases))
    }
    misfit.take(
      depth,
      parts: depth.parts.map {
        Misfit(
          $0.joint.fit, settings: settings, span: span, canCorrect: canCorrect,
          largestSigma: Misfit.largestSigmaOfPart)
      }, voxels: voxels, of: depthParts, isUneven: uneven.isUneven)
    if canCorrect, !depth.parts.isEmpty, !uneven.isUneven { misfit.take(pixels) }
    misfit.takeMissing(summed: voxels, of: mapped ?? voxels)
    let sum = MeanOfSum(uneven, depth)
    guard canCorrect,
      !fit.found.isEmpty || pixels.isCorrected || !uneven.apart.isEmpty || !depth.parts.isEmpty
    else {
      return (misfit, nil, sum)
    }
    let correction = LithiumCorrection(
      uneven, depth, parts: depthParts, sums: pixelSums, groups: groups, meanIntensity: meanIntensity,
      range: range,
      rangeSigmas: options.rangeSigmas)
    return (misfit, correction, sum)
  }

  /// Counts below which a sum says nothing of the model.
  private static let leastCountsToJudge = 1e4

  /// Groups of pixels whose spectra are summed.
  var pixelGroups: PixelGroups {
    PixelGroups(height: source.grid.shape.y, width: source.grid.shape.x, bins: source.energy.count)
  }

  /// Parts of the depth whose spectra are summed.
  var depthParts: DepthParts {
    DepthParts(depth: source.grid.shape.z, canTell: analyzers.geometry.onlyKey != nil)
  }

  /// What the model expects of a part of a group's sum.
  func modelled(
    _ group: CountSums.Group, key: Int, share: Double
  ) throws(VoxelithError) -> SummedSpectrum {
    let analyzer = try analyzers.analyzer(key: key)
    let pixel = analyzer.complete
    let own = analyzers.geometry.keys[key]
    let bins = analyzer.fitBins
    let voxels = Double(group.voxels) * share
    func unpacked(_ values: [SIMD8<Float>], _ scale: Double) -> [Double] {
      (0..<bins.count).map { Double(values[$0 >> 3][$0 & 7]) * scale }
    }
    let centers = bins.map { own.gain * source.energy.centers[$0] + own.offset }
    var spectrum = SummedSpectrum(
      centers: centers, widths: bins.map { own.gain * source.energy.width($0) }, firstBin: bins.lowerBound,
      angle: own.angle, incidentEnergy: calibration.incidentEnergy,
      counts: bins.map { group.counts[$0] * share }, voxels: max(1, Int(voxels.rounded())),
      constant: unpacked(pixel.constant, voxels), slope: unpacked(pixel.slope, voxels),
      offset: unpacked(pixel.background, voxels),
      constantVariance: unpacked(pixel.constantVariance, voxels * voxels),
      crossCovariance: unpacked(pixel.crossCovariance, voxels * voxels),
      slopeVariance: unpacked(pixel.slopeVariance, voxels * voxels))
    spectrum.leftOut = Set(analyzer.leftOut)
    if analyzer.fitsAmounts {
      spectrum.components = pixel.components.map { unpacked($0, voxels) }
      spectrum.componentVariances = pixel.componentVariances.map { unpacked($0, voxels * voxels) }
    }
    if group.weight > 0, group.firstBin == bins.lowerBound, group.constant.count >= bins.count {
      var constant = (0..<bins.count).map { group.constant[$0] * share }
      var slope = (0..<bins.count).map { group.slope[$0] * share }
      var known = (0..<bins.count).map { group.offset[$0] * share }
      let part = spectrum.sum(constant) / max(1e-300, spectrum.sum(spectrum.constant))
      spectrum.filled.active = part
      for bin in spectrum.leftOut {
        (constant[bin], slope[bin]) = (part * spectrum.constant[bin], part * spectrum.slope[bin])
        known[bin] = spectrum.offset[bin]
      }
      for bin in 0..<bins.count where spectrum.constant[bin] > 0 {
        let through = constant[bin] / spectrum.constant[bin]
        spectrum.constantVariance[bin] *= through * through
        spectrum.crossCovariance[bin] *= through * through
        spectrum.slopeVariance[bin] *= through * through
      }
      spectrum.constant = constant
      spectrum.slope = slope
      spectrum.offset = known
    }
    spectrum.backgroundVariance = unpacked(pixel.backgroundVariance, voxels * voxels)
    if !analyzer.fitsAmounts {
      let components = pixel.components.map { unpacked($0, voxels) }
      let amounts = Self.amounts(
        in: spectrum.offset, of: components, background: unpacked(pixel.background, voxels))
      spectrum.filled.known = amounts.reduce(0, +)
      spectrum.offsetVariance = spectrum.offset.indices.map { bin in
        zip(amounts, pixel.componentVariances).reduce(0.0) { sum, entry in
          sum + entry.0 * entry.0 * Double(entry.1[bin >> 3][bin & 7]) * voxels * voxels
        }
      }
    }
    return spectrum
  }

  /// Amounts of components in known counts, found again by least squares beside the background; zeros where they cannot be.
  private static func amounts(
    in known: [Double], of components: [[Double]], background: [Double]
  ) -> [Double] {
    var amounts = [Double](repeating: 0, count: components.count)
    let spectra = components + [background]
    let used = spectra.indices.filter { spectra[$0].contains { $0 > 0 } }
    guard !components.isEmpty, !used.isEmpty, known.contains(where: { $0 > 0 }) else { return amounts }
    let design = Matrix(known.indices.map { bin in used.map { spectra[$0][bin] } })
    let weights = known.map { max($0, 1) }
    guard let fit = try? LinearFit(design: design, values: known, variances: weights) else { return amounts }
    for (place, index) in used.enumerated() where index < amounts.count {
      amounts[index] = fit.parameters[place]
    }
    return amounts
  }
}
