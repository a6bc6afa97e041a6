public import Volumetry

extension LithiumMap {
  /// Judges the summed spectra of a map.
  ///
  /// - Returns: what was found, and what is to be added to x of the voxels; nil where there is nothing to correct. Nil where no voxel
  ///   was mapped.
  /// - Throws: `data` where the sums do not tell amplitudes.
  public func judge(
    _ sums: CountSums, meanIntensity: Double
  ) throws(VoxelithError) -> (misfit: Misfit, correction: LithiumCorrection?)? {
    let groups = pixelGroups
    let pixelSums = try PixelSums(sums, of: self)
    guard pixelSums.count > 0 else { return nil }
    let settings = options.instrument
    let (joint, place) = try pixelSums.joined()
    let middle = 0.5 * (calibration.range[0] + calibration.range[1])
    try settings.validate()
    guard joint.reduce(0, { $0 + $1.total }) >= Self.leastCountsToJudge else { return nil }
    let fit = try InstrumentFit(
      joint, response: calibration.response, settings: settings, middle: middle)
    let canCorrect = options.method == .profile
    var misfit = Misfit(
      fit, settings: settings, span: calibration.range[1] - calibration.range[0], canCorrect: canCorrect)
    let pixels = try PixelMisfit(pixelSums, fit: fit, place: place)
    if let worst = pixels.worst {
      misfit.largestPixelChiSquaredPerDOF = worst.chiSquaredPerDOF
      let corner = groups.pixels(pixelSums.group(worst.index))
      misfit.largestPixel = [corner.rows.lowerBound, corner.columns.lowerBound]
      misfit.pixelsPerEdge = groups.side
    }
    if canCorrect { misfit.take(pixels) }
    guard canCorrect, !fit.found.isEmpty || pixels.isCorrected else { return (misfit, nil) }
    let range = calibration.range[0]...calibration.range[1]
    var tableOfGroup = [Int](repeating: 0, count: groups.count)
    var ownShift = [Double](repeating: 0, count: groups.count)
    for index in 0..<pixelSums.count {
      tableOfGroup[pixelSums.group(index)] = place[index]
      ownShift[pixelSums.group(index)] = pixels.shifts[index]
    }
    let correction = LithiumCorrection(
      groups: groups, tables: joint.indices.map { LithiumShift(fit, place: $0, range: range) },
      tableOfGroup: tableOfGroup, ownShift: ownShift, meanIntensity: meanIntensity, range: range,
      rangeSigmas: options.rangeSigmas)
    return (misfit, correction)
  }

  /// Counts below which a sum says nothing of the model.
  private static let leastCountsToJudge = 1e4

  /// Groups of pixels whose spectra are summed.
  var pixelGroups: PixelGroups {
    PixelGroups(height: source.grid.shape.y, width: source.grid.shape.x, bins: source.energy.count)
  }

  /// What the model expects of a part of a group's sum.
  func modelled(
    _ group: CountSums.Group, key: Int, share: Double
  ) throws(VoxelithError) -> SummedSpectrum {
    let analyzer = try analyzers.analyzer(key: key)
    let pixel = analyzer.pixel
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
    if analyzer.fitsAmounts {
      spectrum.components = pixel.components.map { unpacked($0, voxels) }
    }
    if group.weight > 0, group.firstBin == bins.lowerBound, group.constant.count >= bins.count {
      let constant = (0..<bins.count).map { group.constant[$0] * share }
      for bin in 0..<bins.count where spectrum.constant[bin] > 0 {
        let through = constant[bin] / spectrum.constant[bin]
        spectrum.constantVariance[bin] *= through * through
        spectrum.crossCovariance[bin] *= through * through
        spectrum.slopeVariance[bin] *= through * through
      }
      spectrum.constant = constant
      spectrum.slope = (0..<bins.count).map { group.slope[$0] * share }
      spectrum.offset = (0..<bins.count).map { group.offset[$0] * share }
    }
    spectrum.offsetVariance = Self.knownVariance(
      spectrum.offset,
      of: (pixel.components + [pixel.background]).map { unpacked($0, voxels) },
      variances: (pixel.componentVariances + [pixel.backgroundVariance]).map {
        unpacked($0, voxels * voxels)
      })
    return spectrum
  }

  /// Variance of known counts by the spectra that they are a sum of, whose amounts are found again by least squares; empty
  /// where they cannot be.
  private static func knownVariance(
    _ offset: [Double], of spectra: [[Double]], variances: [[Double]]
  ) -> [Double] {
    let used = spectra.indices.filter { spectra[$0].contains { $0 > 0 } }
    guard !used.isEmpty, offset.contains(where: { $0 > 0 }) else { return [] }
    let design = Matrix(offset.indices.map { bin in used.map { spectra[$0][bin] } })
    let weights = offset.map { max($0, 1) }
    guard let fit = try? LinearFit(design: design, values: offset, variances: weights) else { return [] }
    return offset.indices.map { bin in
      used.enumerated().reduce(0.0) { sum, entry in
        let amount = fit.parameters[entry.offset]
        return sum + amount * amount * variances[entry.element][bin]
      }
    }
  }
}
