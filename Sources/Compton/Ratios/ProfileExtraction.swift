public import Volumetry

/// A Compton profile taken from a measured spectrum.
public struct MeasuredProfile: Sendable {
  /// Momentum of each bin's centre in atomic units, increasing.
  public let momentum: [Double]
  /// J in electrons per atomic unit, and its standard deviation from the counts.
  public let values: [Double]
  public let sigmas: [Double]

  init(momentum: [Double], values: [Double], sigmas: [Double]) {
    self.momentum = momentum
    self.values = values
    self.sigmas = sigmas
  }

  /// Divides the net counts by bin width and cross-section and scales the area.
  ///
  /// - Parameters:
  ///   - spectrum: counts per bin.
  ///   - background: expected counts per bin; empty for none.
  ///   - variances: variance per bin; the counts themselves where empty.
  ///   - electrons: the integral of J over `range` after scaling.
  ///   - range: momenta in atomic units that are kept and that the area refers to.
  /// - Throws: `data` where fewer than three bins lie in the range or their net area is not positive.
  public init(
    spectrum: Spectrum, geometry: ScatteringGeometry, background: [Double] = [], variances: [Double] = [],
    electrons: Double, range: ClosedRange<Double>, response: DetectorResponse? = nil
  ) throws(VoxelithError) {
    let axis = spectrum.energy
    let crossSection = CrossSection(geometry)
    var momentum: [Double] = []
    var values: [Double] = []
    var sigmas: [Double] = []
    var area = 0.0
    for bin in 0..<axis.count {
      let center = axis.centers[bin]
      guard center > 0, center < geometry.incidentEnergy else { continue }
      let pz = geometry.momentum(at: center)
      guard range.contains(pz) else { continue }
      let factor =
        crossSection.factor(at: center) * axis.width(bin) * (response?.efficiency(at: center) ?? 1)
      let net = spectrum.counts[bin] - (background.isEmpty ? 0 : background[bin])
      let variance = variances.isEmpty ? spectrum.counts[bin] : variances[bin]
      momentum.append(pz)
      values.append(net / factor)
      sigmas.append(variance.squareRoot() / factor)
      area += net / factor * geometry.slope(at: center) * axis.width(bin)
    }
    guard momentum.count >= 3, area > 0 else {
      throw VoxelithError(
        .data, "the spectrum holds no Compton profile within \(range.lowerBound) to \(range.upperBound) a.u.",
        advice: "check the incident energy, the scattering angle and the energy axis")
    }
    let scale = electrons / area
    self.momentum = momentum
    self.values = values.map { $0 * scale }
    self.sigmas = sigmas.map { $0 * scale }
  }
}

/// Finding the Compton peak.
public enum ComptonPeak {
  /// Energy of the maximum of a spectrum in keV with its standard deviation, see ``position(x:densities:weights:level:)``.
  ///
  /// - Throws: `data` where fewer than four bins lie above the level or they form no maximum.
  public static func energy(
    of spectrum: Spectrum, within range: ClosedRange<Double>, level: Double = 0.8
  ) throws(VoxelithError) -> (energy: Double, sigma: Double) {
    let bins = (0..<spectrum.energy.count).filter { range.contains(spectrum.energy.centers[$0]) }
    let peak = try position(
      x: bins.map { spectrum.energy.centers[$0] },
      densities: bins.map { spectrum.counts[$0] / spectrum.energy.width($0) },
      weights: bins.map { spectrum.counts[$0] }, level: level)
    return (peak.position, peak.sigma)
  }

  /// Place of the maximum of densities at increasing places `x`: a parabola through the logarithm of the densities
  /// around the highest one, as far as they stay above `level` of it, by weighted least squares.
  ///
  /// - Parameters:
  ///   - weights: inverse variances of the logarithms: the counts, where densities are counts.
  /// - Throws: `data` where fewer than four places lie above the level or they form no maximum.
  public static func position(
    x: [Double], densities: [Double], weights: [Double], level: Double = 0.8
  ) throws(VoxelithError) -> (position: Double, sigma: Double) {
    guard let highest = x.indices.max(by: { densities[$0] < densities[$1] }), densities[highest] > 0 else {
      throw VoxelithError(.data, "there are no counts where the Compton peak should be")
    }
    let limit = level * densities[highest]
    var low = highest
    var high = highest
    while low > 0, densities[low - 1] >= limit, weights[low - 1] > 0 { low -= 1 }
    while high + 1 < x.count, densities[high + 1] >= limit, weights[high + 1] > 0 { high += 1 }
    let used = Array(low...high)
    let center = x[highest]
    guard used.count >= 4 else {
      throw VoxelithError(.data, "the Compton peak near \(rounded(center)) keV has fewer than four bins")
    }
    let fit = try LinearFit(
      design: Matrix(used.map { [1, x[$0] - center, (x[$0] - center) * (x[$0] - center)] }),
      values: used.map { logarithm(densities[$0]) }, variances: used.map { 1 / weights[$0] })
    let b = fit.parameters[1]
    let c = fit.parameters[2]
    guard c < 0 else {
      throw VoxelithError(.data, "the spectrum has no maximum near \(rounded(center)) keV")
    }
    let gradient = [0, -0.5 / c, 0.5 * b / (c * c)]
    return (center - 0.5 * b / c, fit.covariance.quadraticForm(gradient).squareRoot())
  }
}
