public import Volumetry

/// The spectra that a voxel's spectrum is made of, learnt from the standards.
///
/// A voxel of amplitude a, lithium content x and live time t expects in bin b
/// `t (a (B0[b] + x B1[b]) + sum_k c_k S_k[b] + G[b])`: the active material, other components, the background.
public struct ProfileBasis: Sendable, Hashable, Codable {
  /// A component's rate per bin and the variance of that rate.
  public struct Component: Sendable, Hashable, Codable {
    public var name: String
    public var rate: [Double]
    public var variance: [Double]

    enum CodingKeys: String, CodingKey {
      case name
      case rate = "rate_per_s"
      case variance = "rate_variance"
    }
  }

  /// Rates per bin of the active material at x = 0, and their increase per unit of x.
  public var constant: [Double]
  public var slope: [Double]
  /// Per bin: variance of `constant`, covariance of both, variance of `slope`, from the counts of the standards.
  public var constantVariance: [Double]
  public var crossCovariance: [Double]
  public var slopeVariance: [Double]
  /// What bins are weighted by in the score of the fit; nil for the spectra themselves.
  public var weights: ProfileWeights?
  /// 3 x 3 matrix M (2 x 2 in older files): the standards' own errors of x and of their amplitudes, and what their
  /// spectra do not agree in, add [1 x x^2] M [1 x x^2]^T to the variance of x.
  public var standardsCovariance: [[Double]]
  /// Amplitudes of the standards; nil in older files.
  public var amplitudes: StandardAmplitudes?
  /// By what the standards disagree beyond their counts; nil where they do not.
  public var excess: StandardExcess?
  public var components: [Component]
  /// Rate of the background per bin and its variance; zeros without background.
  public var background: Component
  /// Momenta in atomic units between which bins take part in the fit.
  public var window: [Double]
  /// Bins that take part in the fit: first, and one past the last.
  public var bins: [Int]
  /// Error of x by counts over that of all bins of the file; nil in files of before.
  public var costOfWindow: Double?
  public var chiSquared: Double
  public var degreesOfFreedom: Int
  /// How spectra of different exposure are made comparable: by live time, by the electrons of the formula, or by
  /// their total.
  public var normalization: Normalization

  public enum Normalization: String, Sendable, Hashable, Codable {
    case liveTime = "live_time"
    case electrons
    case total
  }

  enum CodingKeys: String, CodingKey {
    case constant = "constant_rate_per_s"
    case slope = "slope_rate_per_s"
    case constantVariance = "constant_variance"
    case crossCovariance = "cross_covariance"
    case slopeVariance = "slope_variance"
    case weights
    case standardsCovariance = "standards_x_covariance"
    case amplitudes = "standards_amplitudes"
    case excess = "standards_excess"
    case components, background
    case window = "window_au"
    case bins
    case costOfWindow = "sigma_x_over_all_bins"
    case chiSquared = "chi_squared"
    case degreesOfFreedom = "degrees_of_freedom"
    case normalization
  }

  public var fitRange: Range<Int> { bins[0]..<bins[1] }
}

extension ProfileBasis {
  /// What people are told where ``StandardAmplitudes/contradictsTold``.
  public static let contradiction =
    "the spectra of the standards contradict their monitor counts or packing, which are not used: check them, or leave them out"

  /// Learns the basis: for each bin a line in x through the rates of the standards, by Poisson maximum likelihood
  /// (weighted least squares whose weights come from the fitted line and are iterated).
  ///
  /// - Parameters:
  ///   - window: momenta in atomic units between which bins take part in fits.
  /// - Throws: `data` where the window leaves fewer than three bins, or the standards do not tell two spectra
  ///   apart.
  public init(_ set: StandardSet, window: ClosedRange<Double>) throws(VoxelithError) {
    let axis = set.energy
    let range = try Self.bins(of: axis, geometry: set.geometry, within: window)
    let exposures = StandardExposures(set)
    let background = exposures.background
    let amplitudes = try StandardAmplitudes(
      set, exposures: exposures.values, background: exposures.backgroundCounts, range: range)
    let goodness = StandardLines(set, exposures: exposures, amplitudes: amplitudes, range: range)

    let constant = goodness.constant
    let slope = goodness.slope
    let variances = goodness.variances
    self.constant = constant
    self.slope = slope
    constantVariance = variances.0
    crossCovariance = variances.1
    slopeVariance = variances.2
    standardsCovariance = goodness.covarianceOfX(set, amplitudes: amplitudes).nested
    self.amplitudes = amplitudes
    excess = goodness.excess
    components = exposures.components(set)
    self.background = background
    let lowest = set.geometry.momentum(at: axis.centers[range.lowerBound])
    let highest = set.geometry.momentum(at: axis.centers[range.upperBound - 1])
    self.window = [max(window.lowerBound, lowest), min(window.upperBound, highest)]
    self.bins = [range.lowerBound, range.upperBound]
    chiSquared = goodness.chiSquared
    degreesOfFreedom = goodness.degreesOfFreedom
    normalization = exposures.normalization
    try checkContrast()
    weights = ProfileWeights.best(
      for: self, x: 0.5 * ((set.standards.first?.x ?? 0) + (set.standards.last?.x ?? 0)))
  }

  /// Bins whose centres lie between two momenta.
  static func bins(
    of axis: EnergyAxis, geometry: ScatteringGeometry, within window: ClosedRange<Double>
  ) throws(VoxelithError) -> Range<Int> {
    let inside = (0..<axis.count).filter { bin in
      let energy = axis.centers[bin]
      return energy > 0 && energy < geometry.incidentEnergy && window.contains(geometry.momentum(at: energy))
    }
    guard let first = inside.first, let last = inside.last, inside.count >= 3,
      axis.centers[first] < geometry.peakEnergy, axis.centers[last] > geometry.peakEnergy
    else {
      throw VoxelithError(
        .data,
        "the energy axis (\(rounded(axis.edge(0))) to \(rounded(axis.edge(axis.count))) keV) misses the Compton "
          + "peak at \(rounded(geometry.peakEnergy)) keV",
        advice: "check incident_energy_keV, scattering_angle_deg and the unit of the energy axis")
    }
    return first..<(last + 1)
  }

  /// - Throws: `data` where the two spectra cannot be told apart within their errors.
  private func checkContrast() throws(VoxelithError) {
    var signal = 0.0
    var overlap = 0.0
    var own = 0.0
    var noise = 0.0
    for bin in fitRange where constant[bin] > 0 {
      own += constant[bin]
      overlap += slope[bin]
      signal += slope[bin] * slope[bin] / constant[bin]
      noise += slopeVariance[bin] / constant[bin]
    }
    let contrast = signal - (own > 0 ? overlap * overlap / own : 0)
    guard contrast > 0, contrast > 2 * noise else {
      throw VoxelithError(
        .data, "the standards' spectra do not change shape with x beyond their counting noise",
        advice: "measure the standards longer, or choose standards that lie further apart in x")
    }
  }
}
