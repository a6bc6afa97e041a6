public import Volumetry

/// What theory says of the lithium in a material before anything was measured: how much the spectrum changes with x, and the counts that a
/// wanted error needs.
///
/// Profiles are those of free atoms with the ionic model of lithium (F. Biggs, L. B. Mendelsohn, J. B. Mann, At. Data Nucl. Data Tables 16
/// (1975) 201), spread by the detector's line. Errors are the Cramer-Rao bound for a free amplitude and exact standards. How
/// the spectrum of a solid changes with x differs from that of free atoms, which only standards tell.
public struct TheoryPlan: Sendable, Hashable, Codable {
  public var material: CathodeFormula
  /// Middle of the range of x, for which all is told.
  public var x: Double
  /// Electrons of a formula unit at this x, and the part of them that one Li brings.
  public var electrons: Double
  public var lithiumShare: Double
  /// Change of the S-parameter with x over its value, in its best windows.
  public var slope: Double
  public var windows: MomentumWindows
  /// Standard deviation of x for one net count by the profile fit.
  public var sigmaOfOneCount: Double
  /// Beam time of the S-parameter over that of the profile fit for the same error.
  public var costOfRatio: Double
  /// sigma(x) and the smallest difference of two voxels that is seen, for the counts asked.
  public var sigma: Double
  public var detectionLimit: Double
  /// Net counts of a voxel for the wanted error.
  public var countsForTarget: Double

  enum CodingKeys: String, CodingKey {
    case material, x, electrons, windows
    case lithiumShare = "electron_share_of_one_lithium"
    case slope = "relative_slope_of_s"
    case sigmaOfOneCount = "sigma_x_of_one_count"
    case costOfRatio = "beam_time_of_s_over_profile_fit"
    case sigma = "sigma_x"
    case detectionLimit = "detection_limit"
    case countsForTarget = "counts_for_target"
  }

  /// Bins across the fitted momenta.
  private static let bins = 400

  /// - Throws: `usage` where the settings make no sense; `data` where theory knows no profile of the formula or the momenta lie above the beam.
  public init(_ material: CathodeFormula, settings: TheorySettings) throws(VoxelithError) {
    try settings.validate()
    let geometry = try ScatteringGeometry(incidentEnergy: settings.incidentEnergy, angle: settings.angle)
    guard let low = geometry.energy(at: -settings.reach), let high = geometry.energy(at: settings.reach),
      low > 0, high > low
    else {
      throw VoxelithError(
        .data,
        "no photon of \(rounded(settings.incidentEnergy)) keV is scattered by \(rounded(settings.angle)) degrees with momenta "
          + "of \(rounded(settings.reach)) a.u.", advice: "take a higher energy or a larger angle")
    }
    let width = (high - low) / Double(Self.bins)
    let axis = EnergyAxis(first: low + 0.5 * width, width: width, count: Self.bins)
    let model = SpectrumModel(
      energy: axis, geometry: geometry, response: try DetectorResponse(resolution: settings.resolution))
    let formula = try ChemicalFormula(material.formula)
    let (empty, full) = (
      try MaterialProfile(formula, x: material.range.lowerBound),
      try MaterialProfile(formula, x: material.range.upperBound)
    )
    let span = material.range.upperBound - material.range.lowerBound
    let constant = model.expected(empty)
    let slope = zip(constant, model.expected(full)).map { ($1 - $0) / span }
    let middle = 0.5 * (material.range.lowerBound + material.range.upperBound)
    let net = zip(constant, slope).map { $0 + middle * $1 }
    let total = net.reduce(0, +)
    guard total > 0 else { throw VoxelithError(.data, "theory expects no counts of '\(material.formula)'") }
    let noise = net.map { $0 / total + settings.background / Double(Self.bins) }
    self.material = material
    x = material.range.lowerBound + middle
    electrons = empty.electrons + middle * (full.electrons - empty.electrons) / span
    lithiumShare = (full.electrons - empty.electrons) / span / electrons
    // Amplitude and x are free: what of the slope is like the whole spectrum tells nothing.
    var (ss, sn, nn) = (0.0, 0.0, 0.0)
    for bin in net.indices {
      let (s, n) = (slope[bin] / total, net[bin] / total)
      ss += s * s / noise[bin]
      sn += s * n / noise[bin]
      nn += n * n / noise[bin]
    }
    let information = ss - sn * sn / nn
    guard information > 0 else {
      throw VoxelithError(.data, "the spectrum of '\(material.formula)' does not change with x")
    }
    sigmaOfOneCount = 1 / information.squareRoot()
    let best = try Self.bestWindows(
      net: net.map { $0 / total }, slope: slope.map { $0 / total }, noise: noise, axis: axis,
      geometry: geometry,
      reach: settings.reach)
    (windows, self.slope) = (best.windows, best.slope)
    costOfRatio = best.sigma * best.sigma * information
    let quantile = settings.significance + Distributions.normalQuantile(settings.power)
    sigma = sigmaOfOneCount / settings.counts.squareRoot()
    detectionLimit = quantile * sigmaOfOneCount * (2 / settings.counts).squareRoot()
    countsForTarget = sigmaOfOneCount * sigmaOfOneCount / (settings.target * settings.target)
  }

  /// The windows of an S-parameter with the smallest error of x for one count, and how S changes with x there.
  private static func bestWindows(
    net: [Double], slope: [Double], noise: [Double], axis: EnergyAxis, geometry: ScatteringGeometry,
    reach: Double
  ) throws(VoxelithError) -> (windows: MomentumWindows, slope: Double, sigma: Double) {
    var best: (windows: MomentumWindows, slope: Double, sigma: Double)?
    for d in stride(from: 0.4, through: 3, by: 0.2) {
      for r in stride(from: d + 0.4, through: reach - 0.05, by: 0.4) {
        let ratio = try WindowRatio(
          windows: try .sParameter(d: d, r: r), energy: axis, geometry: geometry)
        let found = WindowSums.ratio(
          WindowSums(ratio.numerator, net: net, slope: slope, noise: noise),
          WindowSums(ratio.denominator, net: net, slope: slope, noise: noise))
        let change = found.slope / found.value
        let sigma = found.variance.squareRoot() / abs(found.slope)
        if sigma < best?.sigma ?? .infinity { best = (ratio.windows, change, sigma) }
      }
    }
    guard let best else { throw VoxelithError(.data, "no window tells x") }
    return best
  }
}
