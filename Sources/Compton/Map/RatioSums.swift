import CComptonKernels
import Volumetry

/// The window ratio of one detector pixel's voxels, over the bins that the windows touch, in groups of eight.
struct RatioSums: Sendable {
  private let bins: Range<Int>
  private let numerator: [SIMD8<Float>]
  private let denominator: [SIMD8<Float>]
  /// Expected counts of the background, what its error does to the covariance of the sums (NN, ND, DD), and expected
  /// counts of each component in a filled voxel.
  private let background: [SIMD8<Float>]
  private let backgroundCovariance: SIMD3<Double>
  private let components: [[SIMD8<Float>]]
  /// What an error of a component's fraction does to the covariance of the sums, per unit of variance: NN, ND, DD.
  private let fractionCovariance: SIMD3<Double>
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
    backgroundCovariance = range.reduce(into: .zero) { sum, bin in
      let variance = basis.background.variance[bin] * liveTime * liveTime
      let (n, d) = (weights.numerator[bin], weights.denominator[bin])
      sum += SIMD3(n * n * variance, n * d * variance, d * d * variance)
    }
    components = basis.components.map { component in packed { component.rate[$0] * liveTime } }
    componentSums = basis.components.map { component in
      range.reduce(into: (numerator: 0.0, denominator: 0.0)) { sum, bin in
        sum.numerator += weights.numerator[bin] * component.rate[bin] * liveTime
        sum.denominator += weights.denominator[bin] * component.rate[bin] * liveTime
      }
    }
    fractionCovariance = componentSums.reduce(into: .zero) { sum, part in
      let (n, d) = part
      sum += SIMD3(n * n, n * d, d * d)
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
    var counting = SIMD3<Double>.zero
    var common = SIMD3<Double>.zero
    var voxels = 0

    mutating func add(_ other: Sums) {
      numerator += other.numerator
      denominator += other.denominator
      counting += other.counting
      common += other.common
      voxels += other.voxels
    }

    /// The ratio of the sums. What voxels have in common errs alike in all of them.
    var estimate: WindowRatio.Estimate {
      WindowRatio.Estimate(
        numerator: numerator, denominator: denominator, covariance: counting + Double(voxels) * common)
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
    guard CountPacking.pack(window, into: &scratch.counts, padding: 0) != nil else { return nil }
    guard let fractions, !components.isEmpty else { return sums(scratch.counts.span, background.span) }
    scratch.known = background
    for (index, component) in components.enumerated() where index + 1 < fractions.count {
      let part = fractions[index + 1] * through
      for group in component.indices { scratch.known[group] += part * component[group] }
    }
    let change = fractionSigma * Double(through)
    var result = sums(scratch.counts.span, scratch.known.span)
    result.common += fractionCovariance * change * change
    return result
  }

  /// Change of the ratio by an error `fractionSigma` of each component's fraction.
  func pulls(_ estimate: WindowRatio.Estimate, fractionSigma: Double) -> [Double] {
    componentSums.map {
      -fractionSigma * ($0.numerator - estimate.value * $0.denominator) / estimate.denominator
    }
  }

  private func sums(_ counts: Span<SIMD8<Float>>, _ known: Span<SIMD8<Float>>) -> Sums {
    precondition(counts.count == numerator.count && known.count == numerator.count)
    var lanes = (0.0, 0.0, 0.0, 0.0, 0.0)
    unsafe counts.withUnsafeBytes { counts in
      unsafe known.withUnsafeBytes { known in
        unsafe numerator.withUnsafeBytes { inner in
          unsafe denominator.withUnsafeBytes { outer in
            unsafe withUnsafeMutableBytes(of: &lanes) { sums in
              unsafe vck_ratio(
                floats(counts), floats(known), floats(inner), floats(outer), numerator.count,
                sums.baseAddress?.assumingMemoryBound(to: Double.self))
            }
          }
        }
      }
    }
    return Sums(
      numerator: lanes.0, denominator: lanes.1, counting: SIMD3(lanes.2, lanes.3, lanes.4),
      common: backgroundCovariance, voxels: 1)
  }
}

private func floats(_ bytes: UnsafeRawBufferPointer) -> UnsafePointer<Float>? {
  unsafe bytes.baseAddress?.assumingMemoryBound(to: Float.self)
}
