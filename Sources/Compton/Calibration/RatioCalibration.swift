public import Volumetry

/// The line from a ratio of momentum windows to x: ratio = intercept + slope x.
public struct RatioCalibration: Sendable, Hashable, Codable {
  public var windows: MomentumWindows
  /// Whether bins are divided by the cross-section before they are summed.
  public var correctsCrossSection: Bool
  /// For the valence-to-core ratio: core electrons in the outer window over those in the inner window; nil for
  /// the S-parameter.
  public var coreScale: Double?
  public var intercept: Double
  public var slope: Double
  /// 2 x 2 covariance of intercept and slope, from counts and the standards' errors of x.
  public var covariance: [[Double]]
  public var chiSquared: Double
  public var degreesOfFreedom: Int
  /// Probability of a larger chi-squared if the standards lie on a line.
  public var probability: Double
  /// Standard deviation of the standards about the line beyond their errors, where chi-squared says that they do not
  /// lie on one (a probability below 5 %): a ratio of two lines bends. It is in the covariance and in sigma(x).
  public var scatter: Double?
  /// The ratio of each standard, its error and what the line leaves.
  public var points: [Point]

  public struct Point: Sendable, Hashable, Codable {
    public var x: Double
    public var value: Double
    public var sigma: Double
    public var residual: Double
  }

  enum CodingKeys: String, CodingKey {
    case windows
    case correctsCrossSection = "corrects_cross_section"
    case coreScale = "core_scale"
    case intercept, slope, covariance
    case chiSquared = "chi_squared"
    case degreesOfFreedom = "degrees_of_freedom"
    case probability, points
    case scatter = "scatter_beyond_errors"
  }

  /// Whether what a file says of the line can be used.
  var isSound: Bool {
    covariance.count == 2 && covariance.allSatisfy { $0.count == 2 && $0.allSatisfy(\.isFinite) }
      && slope != 0 && [slope, intercept, coreScale ?? 1, scatter ?? 0].allSatisfy(\.isFinite)
  }

  /// From a ratio of net counts to this calibration's quantity, and its derivative.
  ///
  /// The valence part of the inner window is what the core, scaled to the outer window, leaves:
  /// (N - k D) / (k D) with k = core electrons inside over outside the window.
  func quantity(_ ratio: Double) -> (value: Double, factor: Double) {
    guard let coreScale else { return (ratio, 1) }
    return (ratio * coreScale - 1, coreScale)
  }

  /// x and its standard deviation for a measured ratio of net counts.
  public func lithium(
    ratio: Double, sigma: Double
  ) -> (x: Double, sigma: Double, sharedSigma: Double) {
    let (value, factor) = quantity(ratio)
    let x = (value - intercept) / slope
    let bend = scatter ?? 0
    let shared = covariance[0][0] + 2 * x * covariance[0][1] + x * x * covariance[1][1] + bend * bend
    let counting = factor * factor * sigma * sigma
    return (x, (counting + shared).squareRoot() / abs(slope), max(0, shared).squareRoot() / abs(slope))
  }

  /// Fits the line with the effective variance sigma^2 + slope^2 x_sigma^2, iterated (Orear, Am. J. Phys. 50
  /// (1982) 912). Where the standards do not lie on it within their errors, all of them get a scatter more, of the size
  /// that brings chi-squared to the degrees of freedom (Mandel and Paule, Anal. Chem. 42 (1970) 1194); it widens the
  /// covariance as the Birge ratio would, and sigma(x) besides, since a sample lies off the line as the standards do.
  ///
  /// - Throws: `data` where the line is flat within rounding, or the axis misses the windows.
  public init(
    _ set: StandardSet, windows: MomentumWindows, correctsCrossSection: Bool, coreScale: Double? = nil,
    background: ProfileBasis.Component
  ) throws(VoxelithError) {
    let ratio = try WindowRatio(
      windows: windows, energy: set.energy, geometry: set.geometry,
      correctsCrossSection: correctsCrossSection)
    let factor = coreScale ?? 1
    let shift = coreScale == nil ? 0.0 : -1.0
    var values: [Double] = []
    var sigmas: [Double] = []
    for standard in set.standards {
      let time = standard.spectrum.liveTime ?? 0
      let estimate = ratio.estimate(
        counts: standard.spectrum.counts, background: background.rate.map { $0 * time },
        backgroundVariance: background.variance.map { $0 * time * time })
      guard estimate.value.isFinite else {
        throw VoxelithError(
          .data, "the standard '\(standard.name)' has no net counts in the outer window",
          advice: "choose other windows or check the background")
      }
      values.append(factor * estimate.value + shift)
      sigmas.append(factor * estimate.sigma)
    }
    let design = Matrix(set.standards.map { [1, $0.x] })
    var slope = 0.0
    var fit = try LinearFit(design: design, values: values, variances: sigmas.map { $0 * $0 })
    for _ in 0..<20 {
      let next = fit.parameters[1]
      if abs(next - slope) < 1e-12 * abs(next) { break }
      slope = next
      fit = try LinearFit(
        design: design, values: values,
        variances: zip(sigmas, set.standards).map { $0 * $0 + slope * slope * $1.xSigma * $1.xSigma })
    }
    let errors = zip(sigmas, set.standards).map { $0 * $0 + slope * slope * $1.xSigma * $1.xSigma }
    let plain = fit
    if fit.degreesOfFreedom > 0, fit.probability < 0.05 {
      scatter = try Self.scatter(design, values, errors)
      let more = (scatter ?? 0) * (scatter ?? 0)
      fit = try LinearFit(design: design, values: values, variances: errors.map { $0 + more })
    }
    guard fit.parameters[1] != 0 else {
      throw VoxelithError(.data, "the ratio does not change with x", advice: "choose other windows")
    }
    self.windows = windows
    self.correctsCrossSection = correctsCrossSection
    self.coreScale = coreScale
    intercept = fit.parameters[0]
    self.slope = fit.parameters[1]
    var total = fit.covariance
    let line = fit.parameters
    for cause in 0..<set.sharedCauses {
      // What one standard deviation of a cause that standards share does to the line.
      let moved = try LinearFit(
        design: design,
        values: zip(values, set.standards).map { $0 - line[1] * $1.sharedXError(cause) },
        variances: errors.map { [more = scatter ?? 0] in $0 + more * more })
      let pull = zip(moved.parameters, line).map { $0 - $1 }
      for j in 0..<2 { for k in 0..<2 { total[j, k] += pull[j] * pull[k] } }
    }
    covariance = total.nested
    chiSquared = plain.chiSquared
    degreesOfFreedom = plain.degreesOfFreedom
    probability = plain.probability
    points = zip(set.standards, zip(values, sigmas)).map { standard, measured in
      Point(
        x: standard.x, value: measured.0, sigma: measured.1,
        residual: measured.0 - line[0] - line[1] * standard.x)
    }
  }

  /// The scatter that brings chi-squared to the degrees of freedom, by bisection.
  private static func scatter(
    _ design: Matrix, _ values: [Double], _ errors: [Double]
  ) throws(VoxelithError) -> Double {
    func excess(_ variance: Double) throws(VoxelithError) -> Double {
      let fit = try LinearFit(design: design, values: values, variances: errors.map { $0 + variance })
      return fit.chiSquared - Double(fit.degreesOfFreedom)
    }
    var low = 0.0
    var high = errors.max() ?? 0
    while try excess(high) > 0, high < 1e12 * (errors.max() ?? 1) { high *= 4 }
    for _ in 0..<60 {
      let middle = 0.5 * (low + high)
      if try excess(middle) > 0 { low = middle } else { high = middle }
    }
    return high.squareRoot()
  }
}
