public import Volumetry

/// Estimates the ratio of two momentum windows from a counted spectrum.
///
/// A bin that a window's border cuts counts with the part of it inside. With `correctsCrossSection` each bin is
/// first divided by the factor between J and the double differential cross-section, so that the ratio is one of J.
public struct WindowRatio: Sendable {
  public let windows: MomentumWindows
  /// Weight of each bin in the numerator and in the denominator.
  public let numerator: [Double]
  public let denominator: [Double]

  /// - Throws: `data` where the energy axis does not cover the windows.
  public init(
    windows: MomentumWindows, energy: EnergyAxis, geometry: ScatteringGeometry,
    correctsCrossSection: Bool = false
  ) throws(VoxelithError) {
    let pieces = windows.pieces
    numerator = try Self.weights(
      pieces.numerator, energy: energy, geometry: geometry, correctsCrossSection: correctsCrossSection)
    denominator = try Self.weights(
      pieces.denominator, energy: energy, geometry: geometry, correctsCrossSection: correctsCrossSection)
    self.windows = windows
  }

  /// Weight of each bin in a union of momentum ranges.
  static func weights(
    _ ranges: [ClosedRange<Double>], energy: EnergyAxis, geometry: ScatteringGeometry,
    correctsCrossSection: Bool
  ) throws(VoxelithError) -> [Double] {
    var result = [Double](repeating: 0, count: energy.count)
    for range in ranges {
      let low = try boundary(range.lowerBound, energy: energy, geometry: geometry)
      let high = try boundary(range.upperBound, energy: energy, geometry: geometry)
      for bin in 0..<energy.count {
        let overlap = min(high, energy.edge(bin + 1)) - max(low, energy.edge(bin))
        if overlap > 0 { result[bin] += overlap / energy.width(bin) }
      }
    }
    guard correctsCrossSection else { return result }
    let crossSection = CrossSection(geometry)
    let atPeak = crossSection.factor(at: geometry.peakEnergy)
    for bin in 0..<energy.count where result[bin] > 0 {
      result[bin] *= atPeak / crossSection.factor(at: energy.centers[bin])
    }
    return result
  }

  private static func boundary(
    _ pz: Double, energy: EnergyAxis, geometry: ScatteringGeometry
  ) throws(VoxelithError) -> Double {
    guard let value = geometry.energy(at: pz), value >= energy.edge(0), value <= energy.edge(energy.count)
    else {
      throw VoxelithError(
        .data,
        "the energy axis (\(rounded(energy.edge(0))) to \(rounded(energy.edge(energy.count))) keV) misses "
          + "the window at pz = \(pz) a.u.",
        advice: "the Compton peak is at \(rounded(geometry.peakEnergy)) keV; choose narrower windows")
    }
    return value
  }

  /// A ratio with its standard deviation, the sums behind it and their covariance.
  public struct Estimate: Sendable, Hashable {
    public let value: Double
    public let sigma: Double
    /// Net sums of the windows, and their covariance [NN, ND, DD].
    public let numerator: Double
    public let denominator: Double
    public let covariance: SIMD3<Double>

    /// The ratio of two sums; NaN with an infinite sigma where the denominator is not positive.
    init(numerator n: Double, denominator d: Double, covariance: SIMD3<Double>) {
      numerator = n
      denominator = d
      self.covariance = covariance
      guard d > 0 else {
        value = .nan
        sigma = .infinity
        return
      }
      value = n / d
      let variance = covariance[0] - 2 * value * covariance[1] + value * value * covariance[2]
      sigma = max(0, variance).squareRoot() / d
    }
  }

  /// The ratio of net counts.
  ///
  /// - Parameters:
  ///   - counts: counts of each bin; their variance is the counts themselves.
  ///   - background: expected background counts of each bin.
  ///   - backgroundVariance: its variance; empty for none.
  /// - Returns: NaN with an infinite sigma where the net denominator is not positive.
  public func estimate(
    counts: [Double], background: [Double] = [], backgroundVariance: [Double] = []
  ) -> Estimate {
    var n = 0.0
    var d = 0.0
    var nn = 0.0
    var nd = 0.0
    var dd = 0.0
    for bin in 0..<counts.count {
      let wn = numerator[bin]
      let wd = denominator[bin]
      if wn == 0 && wd == 0 { continue }
      let net = counts[bin] - (background.isEmpty ? 0 : background[bin])
      let variance = counts[bin] + (backgroundVariance.isEmpty ? 0 : backgroundVariance[bin])
      n += wn * net
      d += wd * net
      nn += wn * wn * variance
      nd += wn * wd * variance
      dd += wd * wd * variance
    }
    return Estimate(numerator: n, denominator: d, covariance: [nn, nd, dd])
  }
}

/// A number for a message, with three decimals.
func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
