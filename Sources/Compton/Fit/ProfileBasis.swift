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
  /// 2 x 2 matrix M: the standards' own errors of x add [1 x] M [1 x]^T to the variance of x.
  public var standardsCovariance: [[Double]]
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
  /// Learns the basis: for each bin a line in x through the rates of the standards, by Poisson maximum likelihood
  /// (weighted least squares whose weights come from the fitted line and are iterated).
  ///
  /// - Parameters:
  ///   - window: momenta in atomic units between which bins take part in fits.
  /// - Throws: `data` where the window leaves fewer than three bins, or the standards do not tell two spectra
  ///   apart.
  public init(_ set: StandardSet, window: ClosedRange<Double>) throws(VoxelithError) {
    let axis = set.energy
    let bins = axis.count
    let range = try Self.bins(of: axis, geometry: set.geometry, within: window)
    let (exposures, normalization) = Self.exposures(set)

    let background: Component
    if let spectrum = set.background, let time = spectrum.liveTime {
      background = Component(
        name: "background", rate: spectrum.counts.map { $0 / time },
        variance: spectrum.counts.map { max($0, 1) / (time * time) })
    } else {
      background = Component(
        name: "background", rate: [Double](repeating: 0, count: bins),
        variance: [Double](repeating: 0, count: bins))
    }

    var constant = [Double](repeating: 0, count: bins)
    var slope = constant
    var variances = (constant, constant, constant)
    var chiSquared = 0.0
    for bin in 0..<bins {
      let fit = Self.line(
        x: set.standards.map(\.x), counts: set.standards.map { $0.spectrum.counts[bin] },
        exposures: exposures,
        background: background.rate[bin])
      constant[bin] = fit.constant
      slope[bin] = fit.slope
      variances.0[bin] = fit.covariance.0
      variances.1[bin] = fit.covariance.1
      variances.2[bin] = fit.covariance.2
      if range.contains(bin) { chiSquared += fit.chiSquared }
    }
    self.constant = constant
    self.slope = slope
    constantVariance = variances.0
    crossCovariance = variances.1
    slopeVariance = variances.2
    standardsCovariance = Self.covarianceOfStandards(set, exposures: exposures).nested
    components = set.components.map { component in
      let time = component.spectrum.liveTime ?? 1
      return Component(
        name: component.name,
        rate: zip(component.spectrum.counts, background.rate).map { $0 / time - $1 },
        variance: component.spectrum.counts.map { max($0, 1) / (time * time) })
    }
    self.background = background
    let lowest = set.geometry.momentum(at: axis.centers[range.lowerBound])
    let highest = set.geometry.momentum(at: axis.centers[range.upperBound - 1])
    self.window = [max(window.lowerBound, lowest), min(window.upperBound, highest)]
    self.bins = [range.lowerBound, range.upperBound]
    self.chiSquared = chiSquared
    degreesOfFreedom = range.count * (set.standards.count - 2)
    self.normalization = normalization
    widenByScatter()
    try checkContrast()
    weights = ProfileWeights.best(
      for: self, x: 0.5 * ((set.standards.first?.x ?? 0) + (set.standards.last?.x ?? 0)))
  }

  /// Probability of chi-squared below which the standards do not lie on one line for each bin.
  static let leastProbability = 1e-3

  /// By how much the standards scatter more about their lines than counts do; 1 where counts explain it.
  public var scatterOfStandards: Double {
    guard degreesOfFreedom > 0,
      Distributions.chiSquaredTail(chiSquared, dof: Double(degreesOfFreedom)) < Self.leastProbability
    else { return 1 }
    return max(1, chiSquared / Double(degreesOfFreedom))
  }

  /// Standards that scatter more than their counts know less: the variances take the scatter in (Birge 1932).
  private mutating func widenByScatter() {
    let factor = scatterOfStandards
    guard factor > 1 else { return }
    constantVariance = constantVariance.map { factor * $0 }
    crossCovariance = crossCovariance.map { factor * $0 }
    slopeVariance = slopeVariance.map { factor * $0 }
  }

  /// The basis over a given window, or over the one of the smallest total error, with what it costs.
  ///
  /// - Throws: as ``init(_:window:)``.
  init(_ set: StandardSet, choosing given: ClosedRange<Double>?) throws(VoxelithError) {
    let all = try ProfileBasis(set, window: -.greatestFiniteMagnitude ... .greatestFiniteMagnitude)
    let window: ClosedRange<Double> =
      if let given { given } else { try WindowChoice.best(for: all, set: set) }
    self = try ProfileBasis(set, window: window)
    costOfWindow = WindowChoice.cost(
      self, all: all, x: 0.5 * ((set.standards.first?.x ?? 0) + (set.standards.last?.x ?? 0)))
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

  /// Exposure of each standard: its live time, or what stands for it.
  private static func exposures(_ set: StandardSet) -> ([Double], Normalization) {
    let times = set.standards.compactMap(\.spectrum.liveTime)
    if times.count == set.standards.count { return (times, .liveTime) }
    let totals = set.standards.map(\.spectrum.total)
    if let formula = set.formula, formula.hasUnknownLithium {
      let electrons = set.standards.map { standard in
        formula.atoms(x: standard.x).reduce(0.0) { $0 + Double($1.key) * $1.value }
      }
      return (zip(totals, electrons).map { $0 / $1 }, .electrons)
    }
    return (totals, .total)
  }

  private static func line(
    x: [Double], counts: [Double], exposures: [Double], background: Double
  ) -> (constant: Double, slope: Double, covariance: (Double, Double, Double), chiSquared: Double) {
    var expected = counts
    var result = (constant: 0.0, slope: 0.0, covariance: (0.0, 0.0, 0.0), chiSquared: 0.0)
    for _ in 0..<6 {
      var s0 = 0.0
      var s1 = 0.0
      var s2 = 0.0
      var r0 = 0.0
      var r1 = 0.0
      for i in x.indices {
        let rate = counts[i] / exposures[i] - background
        let weight = exposures[i] * exposures[i] / max(expected[i], 0.5)
        s0 += weight
        s1 += weight * x[i]
        s2 += weight * x[i] * x[i]
        r0 += weight * rate
        r1 += weight * x[i] * rate
      }
      let determinant = s0 * s2 - s1 * s1
      guard determinant > 0 else { break }
      result.constant = (s2 * r0 - s1 * r1) / determinant
      result.slope = (s0 * r1 - s1 * r0) / determinant
      result.covariance = (s2 / determinant, -s1 / determinant, s0 / determinant)
      for i in x.indices {
        expected[i] = exposures[i] * (result.constant + x[i] * result.slope + background)
      }
    }
    result.chiSquared = x.indices.reduce(0) {
      $0 + (counts[$1] - expected[$1]) * (counts[$1] - expected[$1]) / max(expected[$1], 0.5)
    }
    return result
  }

  /// Spread of x that the standards' own errors of x cause, by the weights with which each enters the line.
  private static func covarianceOfStandards(_ set: StandardSet, exposures: [Double]) -> Matrix {
    var information = Matrix(zeros: 2, 2)
    var scatter = Matrix(zeros: 2, 2)
    for (standard, exposure) in zip(set.standards, exposures) {
      let weight = exposure * exposure / standard.spectrum.total
      let row = [1, standard.x]
      for i in 0..<2 {
        for j in 0..<2 {
          information[i, j] += weight * row[i] * row[j]
          scatter[i, j] += weight * weight * standard.xSigma * standard.xSigma * row[i] * row[j]
        }
      }
    }
    guard let inverse = Cholesky(information)?.inverse else { return scatter }
    return inverse * scatter * inverse
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
