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
    var spectra: [(group: Int, spectrum: SummedSpectrum)] = []
    for (index, group) in sums.groups.sorted(by: { $0.key < $1.key }) {
      if let spectrum = try summedSpectrum(group, index: index, groups: groups) {
        spectra.append((index, spectrum))
      }
    }
    guard !spectra.isEmpty else { return nil }
    let settings = options.instrument
    let (joint, place) = Self.joined(spectra.map(\.spectrum))
    let middle = 0.5 * (calibration.range[0] + calibration.range[1])
    try settings.validate()
    guard joint.reduce(0, { $0 + $1.total }) >= Self.leastCountsToJudge else { return nil }
    let fit = try InstrumentFit(
      joint, response: calibration.response, settings: settings, middle: middle)
    let canCorrect = options.method == .profile
    var misfit = Misfit(
      fit, settings: settings, span: calibration.range[1] - calibration.range[0], canCorrect: canCorrect)
    let pixels = PixelMisfit(spectra.map(\.spectrum), fit: fit, place: place)
    if let worst = pixels.worst {
      misfit.largestPixelChiSquaredPerDOF = worst.chiSquaredPerDOF
      let corner = groups.pixels(spectra[worst.index].group)
      misfit.largestPixel = [corner.rows.lowerBound, corner.columns.lowerBound]
      misfit.pixelsPerEdge = groups.side
    }
    if canCorrect { misfit.take(pixels) }
    guard canCorrect, !fit.found.isEmpty || pixels.isCorrected else { return (misfit, nil) }
    let range = calibration.range[0]...calibration.range[1]
    var tableOfGroup = [Int](repeating: 0, count: groups.count)
    var ownShift = [Double](repeating: 0, count: groups.count)
    for (index, entry) in spectra.enumerated() {
      tableOfGroup[entry.group] = place[index]
      ownShift[entry.group] = pixels.shifts[index]
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

  /// What the model expects of a group's sum; nil where none of its pixels is alive.
  private func summedSpectrum(
    _ group: CountSums.Group, index: Int, groups: PixelGroups
  ) throws(VoxelithError) -> SummedSpectrum? {
    let (rows, columns) = groups.pixels(index)
    var keys: [Int: Int] = [:]
    for y in rows {
      for x in columns {
        let key = analyzers.geometry.key(y: y, x: x)
        if key >= 0 { keys[key, default: 0] += 1 }
      }
    }
    let alive = keys.values.reduce(0, +)
    guard alive > 0, group.voxels > 0 else { return nil }
    var result: SummedSpectrum?
    for (key, pixels) in keys.sorted(by: { $0.key < $1.key }) {
      let share = Double(pixels) / Double(alive)
      let part = try modelled(group, key: key, share: share)
      if result == nil { result = part } else { result?.add(part) }
    }
    result?.voxels = group.voxels
    return result
  }

  private func modelled(
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
    return spectrum
  }

  /// Sums that are told apart in the joint fit: one where all pixels are alike, else neighbours in angle together.
  ///
  /// - Returns: the sums, and for each spectrum the place of its sum.
  private static func joined(_ spectra: [SummedSpectrum]) -> ([SummedSpectrum], [Int]) {
    let angles = spectra.map(\.angle)
    let (low, high) = (angles.min() ?? 0, angles.max() ?? 0)
    let steps = min(24, max(1, Int(((high - low) / 0.2).rounded(.up))))
    var sums: [SummedSpectrum?] = [SummedSpectrum?](repeating: nil, count: steps)
    var places: [Int] = []
    for spectrum in spectra {
      let step =
        high > low ? min(steps - 1, Int((spectrum.angle - low) / (high - low) * Double(steps))) : 0
      places.append(step)
      if sums[step] == nil { sums[step] = spectrum } else { sums[step]?.add(spectrum) }
    }
    var result: [SummedSpectrum] = []
    var number = [Int](repeating: 0, count: steps)
    for step in 0..<steps {
      guard let sum = sums[step] else { continue }
      number[step] = result.count
      result.append(sum)
    }
    return (result, places.map { number[$0] })
  }
}
