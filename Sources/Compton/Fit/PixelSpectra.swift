import Volumetry

/// The spectra that one detector pixel expects for its live time, from which those of its voxels are composed.
struct PixelSpectra: Sendable {
  /// Number of bins of the fit.
  private(set) var bins: Int
  private(set) var constant: [SIMD8<Float>]
  private(set) var slope: [SIMD8<Float>]
  private(set) var constantVariance: [SIMD8<Float>]
  private(set) var crossCovariance: [SIMD8<Float>]
  private(set) var slopeVariance: [SIMD8<Float>]
  private(set) var keptVariance: [SIMD8<Float>]
  private(set) var background: [SIMD8<Float>]
  private(set) var backgroundVariance: [SIMD8<Float>]
  private(set) var backgroundTotal: Double
  private(set) var components: [[SIMD8<Float>]]
  /// What bins are weighted by: constant, slope, then components.
  private(set) var weights: [[SIMD8<Float>]]
  private(set) var componentVariances: [[SIMD8<Float>]]

  /// - Parameters:
  ///   - kept: for every bin of the axis, see ``PreparedSpectra/keptVariance``; empty for that of the basis.
  init(_ basis: ProfileBasis, liveTime: Double, kept: [Double] = []) {
    let range = basis.fitRange
    let square = liveTime * liveTime
    let share = basis.weights?.ownShare ?? 1
    func counts(_ rates: [Double]) -> [SIMD8<Float>] {
      PreparedSpectra.pack(range.map { rates[$0] * liveTime }, padding: 0)
    }
    func variances(_ rates: [Double]) -> [SIMD8<Float>] {
      PreparedSpectra.pack(range.map { rates[$0] * square }, padding: 0)
    }
    bins = range.count
    constant = counts(basis.constant)
    slope = counts(basis.slope)
    constantVariance = variances(basis.constantVariance)
    crossCovariance = variances(basis.crossCovariance)
    slopeVariance = variances(basis.slopeVariance)
    keptVariance = PreparedSpectra.pack(range.map { kept.isEmpty ? share : kept[$0] }, padding: 1)
    background = PreparedSpectra.pack(range.map { basis.background.rate[$0] * liveTime }, padding: 1)
    backgroundVariance = variances(basis.background.variance)
    backgroundTotal = range.reduce(0) { $0 + basis.background.rate[$1] * liveTime }
    components = basis.components.map { counts($0.rate) }
    weights = basis.weights.map { $0.spectra.map(counts) } ?? [constant, slope] + components
    componentVariances = basis.components.map { variances($0.variance) }
  }

  /// Spectra of a voxel filled with the active material alone.
  func prepared() -> PreparedSpectra {
    var result = PreparedSpectra(bins: bins, groups: constant.count)
    result[.keptVariance] = keptVariance
    result.offsetTotal = backgroundTotal
    compose(into: &result)
    return result
  }

  /// Composes spectra and known counts of one voxel.
  ///
  /// - Parameters:
  ///   - fractions: volume fractions of the components; nil to leave the components out.
  ///   - active: volume fraction of the active material.
  ///   - isTied: whether all phases share one amplitude, so that the components belong to the spectra and not to the
  ///     known counts.
  ///   - transmission: for each group of bins, what absorption leaves; nil for all.
  ///   - fractionSigma: standard deviation of every fraction.
  func compose(
    into result: inout PreparedSpectra, fractions: Span<Float>? = nil, active: Float = 1,
    isTied: Bool = false,
    transmission: [SIMD8<Float>]? = nil, fractionSigma: Float = 0
  ) {
    let share = isTied ? active : 1
    var own = 0.0
    var overlap = 0.0
    for group in constant.indices {
      let through = transmission?[group] ?? SIMD8(repeating: 1)
      var first = share * constant[group]
      if isTied, let fractions {
        for index in fractions.indices { first += fractions[index] * components[index][group] }
      }
      first *= through
      let second = share * slope[group] * through
      result[.first, group] = first
      result[.second, group] = second
      own += Double(first.sum())
      overlap += Double(second.sum())
    }
    let mixing = own > 0 ? overlap / own : 0
    result.firstSum = own
    result.mixing = mixing
    let m = Float(mixing)
    let isKnown = fractions != nil && !isTied
    var filled = active
    if let fractions { for index in fractions.indices { filled += fractions[index] } }
    let empty = isKnown ? (1 - filled) * (1 - filled) : 1
    var known = 0.0
    for group in constant.indices {
      let through = transmission?[group] ?? SIMD8(repeating: 1)
      let square = through * through
      let slopeOf = result[.second, group]
      result[.second, group] = slopeOf - m * result[.first, group]
      let weight = share * share * square
      var c00 = constantVariance[group] * weight
      let c01 = crossCovariance[group] * weight
      let c11 = slopeVariance[group] * weight
      var offset = SIMD8<Float>.zero
      var offsetVariance = empty * backgroundVariance[group]
      if let fractions {
        for index in fractions.indices {
          let part = fractions[index]
          if isTied {
            c00 += part * part * square * componentVariances[index][group]
          } else {
            offset += part * through * components[index][group]
            offsetVariance += part * part * square * componentVariances[index][group]
          }
        }
      }
      result[.firstVariance, group] = c00
      result[.crossCovariance, group] = c01 - m * c00
      result[.secondVariance, group] = c11 - 2 * m * c01 + m * m * c00
      var weight0 = share * weights[0][group]
      if isTied, let fractions {
        for index in fractions.indices { weight0 += fractions[index] * weights[index + 2][group] }
      }
      result[.firstWeight, group] = weight0 * through
      result[.secondWeight, group] = (share * weights[1][group] - m * weight0) * through
      known += Double(offset.sum())
      result[.offset, group] = background[group] + offset
      result[.offsetVariance, group] = offsetVariance
    }
    result.offsetTotal = backgroundTotal + known
    result.backgroundShare = isKnown ? 1 : nil
    setUncertain(
      &result, isTied: isTied, hasFractions: fractions != nil, transmission: transmission,
      fractionSigma: fractionSigma)
  }

  private func setUncertain(
    _ result: inout PreparedSpectra, isTied: Bool, hasFractions: Bool, transmission: [SIMD8<Float>]?,
    fractionSigma: Float
  ) {
    guard hasFractions, fractionSigma > 0 else {
      result.uncertain = []
      return
    }
    if result.uncertain.count != components.count { result.uncertain = components }
    for index in components.indices {
      for group in constant.indices {
        var value = fractionSigma * components[index][group]
        if let transmission { value *= transmission[group] }
        // What the component gains the active material loses.
        if isTied { value -= fractionSigma * (transmission?[group] ?? SIMD8(repeating: 1)) * constant[group] }
        result.uncertain[index][group] = value
      }
    }
  }
}

extension PixelSpectra {
  /// The same with bins of the fit that hold what padding holds: nothing is expected there but a known 1.
  func without(_ left: [Int]) -> PixelSpectra {
    guard !left.isEmpty else { return self }
    func cleared(_ spectrum: [SIMD8<Float>], to value: Float = 0) -> [SIMD8<Float>] {
      var result = spectrum
      for bin in left { result[bin >> 3][bin & 7] = value }
      return result
    }
    var result = self
    result.constant = cleared(constant)
    result.slope = cleared(slope)
    result.constantVariance = cleared(constantVariance)
    result.crossCovariance = cleared(crossCovariance)
    result.slopeVariance = cleared(slopeVariance)
    result.keptVariance = cleared(keptVariance, to: 1)
    result.backgroundTotal -= left.reduce(0.0) { $0 + Double(background[$1 >> 3][$1 & 7]) }
    result.background = cleared(background, to: 1)
    result.backgroundVariance = cleared(backgroundVariance)
    result.components = components.map { cleared($0) }
    result.weights = weights.map { cleared($0) }
    result.componentVariances = componentVariances.map { cleared($0) }
    return result
  }

  /// The spectra of `voxels` voxels of this pixel, added: their errors are the same and add up as well.
  func times(_ voxels: Int) -> PixelSpectra {
    let n = Float(voxels)
    var result = self
    result.constant = constant.map { $0 * n }
    result.slope = slope.map { $0 * n }
    result.constantVariance = constantVariance.map { $0 * (n * n) }
    result.crossCovariance = crossCovariance.map { $0 * (n * n) }
    result.slopeVariance = slopeVariance.map { $0 * (n * n) }
    result.background = Self.scaled(background, n, bins: bins)
    result.backgroundVariance = backgroundVariance.map { $0 * (n * n) }
    result.backgroundTotal = backgroundTotal * Double(voxels)
    result.components = components.map { $0.map { $0 * n } }
    result.weights = weights.map { $0.map { $0 * n } }
    result.componentVariances = componentVariances.map { $0.map { $0 * (n * n) } }
    return result
  }

  /// Puts other spectra, over another number of bins, in the place of all.
  mutating func replace(
    bins: Int, constant: [SIMD8<Float>], slope: [SIMD8<Float>],
    variances: ([SIMD8<Float>], [SIMD8<Float>], [SIMD8<Float>]), kept: [SIMD8<Float>],
    background: [SIMD8<Float>], backgroundVariance: [SIMD8<Float>], backgroundTotal: Double,
    components: [([SIMD8<Float>], [SIMD8<Float>])], weights: [[SIMD8<Float>]]
  ) {
    self.weights = weights
    self.bins = bins
    self.constant = constant
    self.slope = slope
    (constantVariance, crossCovariance, slopeVariance) = variances
    keptVariance = kept
    self.background = background
    self.backgroundVariance = backgroundVariance
    self.backgroundTotal = backgroundTotal
    self.components = components.map(\.0)
    componentVariances = components.map(\.1)
  }

  /// A spectrum times a number, with 1 in the padding as the fit wants it of known counts.
  private static func scaled(_ spectrum: [SIMD8<Float>], _ factor: Float, bins: Int) -> [SIMD8<Float>] {
    var result = spectrum.map { $0 * factor }
    for bin in bins..<(8 * result.count) { result[bin >> 3][bin & 7] = 1 }
    return result
  }
}
