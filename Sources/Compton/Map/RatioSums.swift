import Volumetry

/// The window ratio of one detector pixel's voxels, over the bins that the windows touch, in groups of eight.
struct RatioSums: Sendable {
  private let bins: Range<Int>
  private let numerator: [SIMD8<Float>]
  private let denominator: [SIMD8<Float>]
  /// Expected counts of the background, what its error does to the covariance of the sums (NN, ND, DD), and expected
  /// counts of each component in a filled voxel.
  private let background: [SIMD8<Float>]
  private let backgroundCovariance: [Double]
  private let components: [[SIMD8<Float>]]
  /// What an error of a component's fraction does to the covariance of the sums, per unit of variance: NN, ND, DD.
  private let fractionCovariance: [Double]
  /// Weighted sums of every component in a filled voxel.
  private let componentSums: [(numerator: Double, denominator: Double)]

  /// - Throws: `data` where the axis misses the windows.
  init(
    _ line: RatioCalibration, basis: ProfileBasis, axis: EnergyAxis, geometry: ScatteringGeometry,
    liveTime: Double
  ) throws(VoxelithError) {
    let weights = try WindowRatio(
      windows: line.windows, energy: axis, geometry: geometry, correctsCrossSection: line.correctsCrossSection
    )
    let used = (0..<axis.count).filter { weights.numerator[$0] != 0 || weights.denominator[$0] != 0 }
    let range = (used.first ?? 0)..<((used.last ?? -1) + 1)
    func packed(_ value: (Int) -> Double) -> [SIMD8<Float>] {
      PreparedSpectra.pack(range.map(value), padding: 0)
    }
    bins = range
    numerator = packed { weights.numerator[$0] }
    denominator = packed { weights.denominator[$0] }
    background = packed { basis.background.rate[$0] * liveTime }
    backgroundCovariance = range.reduce(into: [0, 0, 0]) { sum, bin in
      let variance = basis.background.variance[bin] * liveTime * liveTime
      let (n, d) = (weights.numerator[bin], weights.denominator[bin])
      sum = [sum[0] + n * n * variance, sum[1] + n * d * variance, sum[2] + d * d * variance]
    }
    components = basis.components.map { component in packed { component.rate[$0] * liveTime } }
    componentSums = basis.components.map { component in
      range.reduce(into: (numerator: 0.0, denominator: 0.0)) { sum, bin in
        sum.numerator += weights.numerator[bin] * component.rate[bin] * liveTime
        sum.denominator += weights.denominator[bin] * component.rate[bin] * liveTime
      }
    }
    fractionCovariance = componentSums.reduce(into: [0, 0, 0]) { sum, part in
      let (n, d) = part
      sum = [sum[0] + n * n, sum[1] + n * d, sum[2] + d * d]
    }
  }

  /// Working space: counts and known counts of the ratio's bins.
  struct Scratch {
    var counts: [SIMD8<Float>] = []
    var known: [SIMD8<Float>] = []
  }

  /// Sums over the windows of one voxel or several, with their covariance (NN, ND, DD) by counts and by what voxels
  /// have in common: background and fractions.
  struct Sums: Sendable {
    var numerator = 0.0
    var denominator = 0.0
    var counting = [0.0, 0, 0]
    var common = [0.0, 0, 0]
    var voxels = 0

    mutating func add(_ other: Sums) {
      numerator += other.numerator
      denominator += other.denominator
      for index in 0..<3 {
        counting[index] += other.counting[index]
        common[index] += other.common[index]
      }
      voxels += other.voxels
    }

    /// The ratio of the sums. What voxels have in common errs alike in all of them.
    var estimate: WindowRatio.Estimate {
      let n = Double(voxels)
      return WindowRatio.Estimate(
        numerator: numerator, denominator: denominator,
        covariance: zip(counting, common).map { $0 + n * $1 })
    }
  }

  /// Sums of net counts: background and, where fractions are given, components are taken off. Nil where a count
  /// is negative or not finite.
  ///
  /// - Parameters:
  ///   - fractionSigma: standard deviation of every fraction.
  ///   - through: mean transmission of the voxel's photons.
  func sums(
    _ counts: Span<Float>, at start: Int, fractions: Span<Float>?, fractionSigma: Double = 0, through: Float,
    scratch: inout Scratch
  ) -> Sums? {
    if scratch.counts.count != numerator.count {
      scratch.counts = [SIMD8<Float>](repeating: .zero, count: numerator.count)
    }
    let window = counts.extracting((start + bins.lowerBound)..<(start + bins.upperBound))
    guard CountPacking.pack(window, into: &scratch.counts, padding: 0) else { return nil }
    guard let fractions, !components.isEmpty else { return sums(scratch.counts.span, background.span) }
    scratch.known = background
    for (index, component) in components.enumerated() where index + 1 < fractions.count {
      let part = fractions[index + 1] * through
      for group in component.indices { scratch.known[group] += part * component[group] }
    }
    let change = fractionSigma * Double(through)
    var result = sums(scratch.counts.span, scratch.known.span)
    for index in 0..<3 { result.common[index] += fractionCovariance[index] * change * change }
    return result
  }

  /// Change of the ratio by an error `fractionSigma` of each component's fraction.
  func pulls(_ estimate: WindowRatio.Estimate, fractionSigma: Double) -> [Double] {
    componentSums.map {
      -fractionSigma * ($0.numerator - estimate.value * $0.denominator) / estimate.denominator
    }
  }

  private func sums(_ counts: Span<SIMD8<Float>>, _ known: Span<SIMD8<Float>>) -> Sums {
    let inner = numerator.span
    let outer = denominator.span
    var n = SIMD8<Float>.zero
    var d = SIMD8<Float>.zero
    var nn = SIMD8<Float>.zero
    var nd = SIMD8<Float>.zero
    var dd = SIMD8<Float>.zero
    for group in counts.indices {
      let wn = inner[group]
      let wd = outer[group]
      let count = counts[group]
      let net = count - known[group]
      n += wn * net
      d += wd * net
      let vn = wn * count
      nn += vn * wn
      nd += vn * wd
      dd += wd * count * wd
    }
    func total(_ lanes: SIMD8<Float>) -> Double { SIMD8<Double>(lanes).sum() }
    return Sums(
      numerator: total(n), denominator: total(d), counting: [total(nn), total(nd), total(dd)],
      common: backgroundCovariance, voxels: 1)
  }
}
