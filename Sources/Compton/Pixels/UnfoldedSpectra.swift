import Volumetry

/// Spectra without what the detector does to photons of one energy, up to the energy of the beam.
struct UnfoldedSpectra {
  /// The calibration's bins, and above them more of the width of the last one where the detector moves counts down.
  let axis: EnergyAxis
  /// Rates per keV.
  let densities: [[Double]]
  private let response: DetectorResponse
  private let incidentEnergy: Double

  /// What a formula stands in for where there is none: the far tails of the profiles of heavy atoms are alike.
  private static let anyOxide = "NiO2"

  /// - Parameters:
  ///   - spectra: rates per bin, the one at x = 0 first.
  ///   - formula: tells how the first spectrum runs on above the axis.
  init(
    _ spectra: [[Double]], axis: EnergyAxis, geometry: ScatteringGeometry, response: DetectorResponse,
    formula: ChemicalFormula?
  ) throws(VoxelithError) {
    self.response = response
    incidentEnergy = geometry.incidentEnergy
    guard response.hasFixedEnergyEffects else {
      self.axis = axis
      densities = spectra.map { rates in rates.indices.map { rates[$0] / axis.width($0) } }
      return
    }
    let wide = try Self.extended(axis, response: response, incidentEnergy: geometry.incidentEnergy)
    let tails = try Self.tails(
      spectra, axis: axis, wide: wide, geometry: geometry, response: response, formula: formula)
    let fixed = FixedEnergyResponse(response, edges: wide.edges)
    var densities: [[Double]] = []
    for (rates, tail) in zip(spectra, tails) {
      let recorded =
        rates + tail.enumerated().map { $1 * response.efficiency(at: wide.centers[axis.count + $0]) }
      let arrived = fixed?.removed(recorded, known: axis.count) ?? recorded
      densities.append(
        arrived.indices.map { arrived[$0] / response.efficiency(at: wide.centers[$0]) / wide.width($0) })
    }
    self.axis = wide
    self.densities = densities
  }

  /// A pixel's bins, and more above them as the detector asks for.
  func extended(_ pixel: EnergyAxis) throws(VoxelithError) -> EnergyAxis {
    try Self.extended(pixel, response: response, incidentEnergy: incidentEnergy)
  }

  /// What the detector makes of spectra on bins, in the first `bins` of them.
  func folded(_ spectra: [[Double]], on axis: EnergyAxis, bins: Int) -> [[Double]] {
    guard response.hasFixedEnergyEffects else { return spectra }
    let fixed = FixedEnergyResponse(response, edges: axis.edges)
    let efficiency = axis.centers.map { response.efficiency(at: $0) }
    return spectra.map { rates in
      let absorbed = rates.indices.map { rates[$0] * efficiency[$0] }
      return Array((fixed?.applied(absorbed) ?? absorbed).prefix(bins))
    }
  }

  private static func extended(
    _ axis: EnergyAxis, response: DetectorResponse, incidentEnergy: Double
  ) throws(VoxelithError) -> EnergyAxis {
    guard response.hasFixedEnergyEffects else { return axis }
    var centers = axis.centers
    let width = axis.width(axis.count - 1)
    var next = centers[axis.count - 1] + width
    while next + 0.5 * width < incidentEnergy {
      centers.append(next)
      next += width
    }
    return try EnergyAxis(centers: centers)
  }

  /// What arrives above the axis: the formula's spectrum, scaled so that the detector makes of it what was recorded in the upper
  /// fifth of the bins. Every spectrum but the slope is scaled by itself; the slope goes as the formula says of one unit.
  private static func tails(
    _ spectra: [[Double]], axis: EnergyAxis, wide: EnergyAxis, geometry: ScatteringGeometry,
    response: DetectorResponse,
    formula: ChemicalFormula?
  ) throws(VoxelithError) -> [[Double]] {
    let more = axis.count..<wide.count
    guard !more.isEmpty else { return spectra.map { _ in [] } }
    let known = if let formula { formula } else { try ChemicalFormula(anyOxide) }
    let model = SpectrumModel(
      energy: wide, geometry: geometry, response: try DetectorResponse(resolution: response.resolution))
    let none = model.expected(try MaterialProfile(known, x: 0, model: .neutral))
    let unit =
      known.hasUnknownLithium ? model.expected(try MaterialProfile(known, x: 1, model: .neutral)) : none
    // The last bins may lack what the line's width brings from above.
    let top = axis.count - 1 - Int(2 * response.resolution / axis.width(axis.count - 1))
    let upper = max(0, min(top - 1, axis.count * 4 / 5))..<max(1, top)
    let absorbed = none.indices.map { none[$0] * response.efficiency(at: wide.centers[$0]) }
    let recorded = FixedEnergyResponse(response, edges: wide.edges)?.applied(absorbed) ?? absorbed
    let expected = upper.reduce(0.0) { $0 + recorded[$1] }
    func scale(_ rates: [Double]) -> Double {
      expected > 0 ? max(0, upper.reduce(0.0) { $0 + rates[$1] }) / expected : 0
    }
    let first = scale(spectra[0])
    return spectra.enumerated().map { index, rates in
      index == 1
        ? more.map { first * (unit[$0] - none[$0]) } : more.map { scale(rates) * none[$0] }
    }
  }
}
