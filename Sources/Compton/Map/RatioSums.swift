import Volumetry

/// The window ratio of one detector pixel's voxels, over the bins that the windows touch.
struct RatioSums: Sendable {
  private let bins: Range<Int>
  private let numerator: [Float]
  private let denominator: [Float]
  /// Expected counts of the background, their variance, and expected counts of each component in a filled voxel.
  private let background: [Float]
  private let backgroundVariance: [Float]
  private let components: [[Float]]

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
    bins = range
    numerator = range.map { Float(weights.numerator[$0]) }
    denominator = range.map { Float(weights.denominator[$0]) }
    background = range.map { Float(basis.background.rate[$0] * liveTime) }
    backgroundVariance = range.map { Float(basis.background.variance[$0] * liveTime * liveTime) }
    components = basis.components.map { component in range.map { Float(component.rate[$0] * liveTime) } }
  }

  func isUsable(_ counts: Span<Float>, at start: Int) -> Bool {
    for bin in bins where !(counts[start + bin] >= 0) { return false }
    return true
  }

  /// The ratio of net counts: background and, where fractions are given, components are taken off.
  ///
  /// - Parameters:
  ///   - through: mean transmission of the voxel's photons.
  ///   - background known: working space.
  func estimate(
    _ counts: Span<Float>, at start: Int, fractions: Span<Float>?, through: Float,
    background known: inout [Float]
  ) -> WindowRatio.Estimate {
    known = background
    if let fractions {
      for (index, component) in components.enumerated() where index + 1 < fractions.count {
        let part = fractions[index + 1] * through
        for bin in known.indices { known[bin] += part * component[bin] }
      }
    }
    var n = 0.0
    var d = 0.0
    var nn = 0.0
    var nd = 0.0
    var dd = 0.0
    for (index, bin) in bins.enumerated() {
      let wn = Double(numerator[index])
      let wd = Double(denominator[index])
      let count = Double(counts[start + bin])
      let net = count - Double(known[index])
      let variance = count + Double(backgroundVariance[index])
      n += wn * net
      d += wd * net
      nn += wn * wn * variance
      nd += wn * wd * variance
      dd += wd * wd * variance
    }
    return WindowRatio.Estimate(numerator: n, denominator: d, covariance: [nn, nd, dd])
  }
}
