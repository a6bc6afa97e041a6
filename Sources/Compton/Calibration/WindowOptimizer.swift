public import Volumetry

/// Finds the windows that tell lithium most precisely for given counts.
public enum WindowOptimizer {
  /// The best windows and their merit.
  public struct Choice: Sendable, Hashable {
    public let windows: MomentumWindows
    /// sigma(x) that these windows give for one count within the fit's window: at n counts it is
    /// `sigmaOfOneCount / sqrt(n)`.
    public let sigmaOfOneCount: Double
  }

  /// Scans inner and outer borders in steps of `step` a.u. for the largest |dS/dx| / sigma_S at `x`.
  ///
  /// - Parameters:
  ///   - hasGap: whether the outer window may begin above the inner one's border (valence-to-core ratio).
  /// - Throws: `data` where no windows fit the energy axis.
  public static func best(
    basis: ProfileBasis, energy: EnergyAxis, geometry: ScatteringGeometry, x: Double, hasGap: Bool,
    side: MomentumWindows.Side = .both, step: Double = 0.25, correctsCrossSection: Bool = false
  ) throws(VoxelithError) -> Choice {
    let reach = min(-basis.window[0], basis.window[1])
    let nodes = Int(reach / step)
    guard nodes >= 2 else { throw VoxelithError(.data, "the fit's window is too narrow for two windows") }
    var cumulative = [WindowSums()]
    for node in 1...nodes {
      let windows = try MomentumWindows(
        inner: Double(node) * step, outerFrom: Double(node) * step, outerTo: Double(node + 1) * step + reach,
        side: side)
      cumulative.append(
        try WindowSums(
          windows, basis: basis, energy: energy, geometry: geometry, x: x, corrects: correctsCrossSection))
    }
    let total = basis.fitRange.reduce(0.0) { $0 + basis.constant[$1] + x * basis.slope[$1] }
    var best: (sigma: Double, d: Int, from: Int, to: Int)?
    for d in 1..<nodes {
      for from in d..<(hasGap ? nodes : d + 1) {
        for to in (from + 1)...nodes {
          let inner = cumulative[d]
          let outer = cumulative[to] - cumulative[from]
          guard outer.net > 0, inner.net > 0 else { continue }
          let ratio = WindowSums.ratio(inner, outer)
          let sigma = (ratio.variance * total).squareRoot() / abs(ratio.slope)
          if sigma < best?.sigma ?? .infinity { best = (sigma, d, from, to) }
        }
      }
    }
    guard let best else { throw VoxelithError(.data, "no pair of windows holds net counts") }
    return Choice(
      windows: try MomentumWindows(
        inner: Double(best.d) * step, outerFrom: Double(best.from) * step, outerTo: Double(best.to) * step,
        side: side),
      sigmaOfOneCount: best.sigma)
  }
}

extension WindowSums {
  /// From the peak out to a momentum.
  fileprivate init(
    _ windows: MomentumWindows, basis: ProfileBasis, energy: EnergyAxis, geometry: ScatteringGeometry,
    x: Double, corrects: Bool
  ) throws(VoxelithError) {
    self.init()
    let inner = try WindowRatio.weights(
      windows.pieces.numerator, energy: energy, geometry: geometry, correctsCrossSection: corrects)
    for bin in 0..<energy.count where inner[bin] > 0 {
      let expected = basis.constant[bin] + x * basis.slope[bin]
      add(
        inner[bin], net: expected, slope: basis.slope[bin],
        noise: expected + basis.background.rate[bin])
    }
  }
}
