import Foundation
import Volumetry

/// Spectra without what the detector does to photons of one energy, up to the energy of the beam.
struct UnfoldedSpectra {
  /// The calibration's bins, and above them more of the width of the last one where the detector moves counts down.
  let axis: EnergyAxis
  /// Rates per keV.
  let densities: [[Double]]
  /// Elastic photons of each spectrum, which stay at the beam's energy whatever the angle is.
  private let elastic: [Double]
  private let response: DetectorResponse
  private let incidentEnergy: Double

  /// What a formula stands in for where there is none: the far tails of the profiles of heavy atoms are alike.
  private static let anyOxide = "NiO2"

  /// - Parameters:
  ///   - spectra: rates per bin, the one at x = 0 first, then the slope.
  ///   - components: how many of the spectra after these are of other phases.
  ///   - formula: tells how the first spectrum runs on above the axis.
  init(
    _ spectra: [[Double]], components: Int, axis: EnergyAxis, geometry: ScatteringGeometry,
    response: DetectorResponse, formula: ChemicalFormula?
  ) throws(VoxelithError) {
    self.response = response
    incidentEnergy = geometry.incidentEnergy
    guard response.hasFixedEnergyEffects else {
      self.axis = axis
      elastic = [Double](repeating: 0, count: spectra.count)
      densities = spectra.map { rates in rates.indices.map { rates[$0] / axis.width($0) } }
      return
    }
    let wide = try Self.extended(axis, response: response, incidentEnergy: geometry.incidentEnergy)
    let tails = try Self.tails(
      spectra, axis: axis, wide: wide, geometry: geometry, resolution: response.resolution,
      formula: formula)
    let fixed = FixedEnergyResponse(response, edges: wide.edges)
    var densities: [[Double]] = []
    var elastic = [Double](repeating: 0, count: spectra.count)
    let efficiency = wide.centers.map { response.efficiency(at: $0) }
    let line = Self.line(
      on: wide, above: axis.count, incidentEnergy: incidentEnergy, sigma: response.sigma)
    for (index, (rates, tail)) in zip(spectra, tails).enumerated() {
      let isFormula = index == 0 || index >= 2 + components
      var arrived: [Double] = []
      // What is elastic is told in parts of what arrives, so it is known after the first pass.
      for _ in 0..<(isFormula && response.elastic != nil ? 3 : 1) {
        var recorded = rates
        for (place, value) in tail.enumerated() {
          let bin = axis.count + place
          recorded.append((value + elastic[index] * line[bin]) * efficiency[bin])
        }
        arrived = fixed?.removed(recorded, known: axis.count) ?? recorded
        if isFormula, let part = response.elastic {
          elastic[index] = part * (0..<axis.count).reduce(0.0) { $0 + arrived[$1] / efficiency[$1] }
        }
      }
      for (place, value) in tail.enumerated() {
        arrived[axis.count + place] = value * efficiency[axis.count + place]
      }
      densities.append(arrived.indices.map { arrived[$0] / efficiency[$0] / wide.width($0) })
    }
    self.elastic = elastic
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
    let line = Self.line(
      on: axis, above: bins, incidentEnergy: incidentEnergy, sigma: response.sigma)
    return spectra.enumerated().map { index, rates in
      let absorbed = rates.indices.map { (rates[$0] + elastic[index] * line[$0]) * efficiency[$0] }
      return Array((fixed?.applied(absorbed) ?? absorbed).prefix(bins))
    }
  }

  /// Part of an elastic line in each bin from the first above the axis on: what is within the axis is measured.
  private static func line(
    on axis: EnergyAxis, above first: Int, incidentEnergy: Double, sigma: Double
  ) -> [Double] {
    let root = max(sigma, 1e-6) * 2.0.squareRoot()
    return (0..<axis.count).map { bin in
      guard bin >= first else { return 0 }
      return 0.5
        * (erf((axis.edge(bin + 1) - incidentEnergy) / root)
          - erf((axis.edge(bin) - incidentEnergy) / root))
    }
  }

  private static func extended(
    _ axis: EnergyAxis, response: DetectorResponse, incidentEnergy: Double
  ) throws(VoxelithError) -> EnergyAxis {
    guard response.hasFixedEnergyEffects else { return axis }
    var centers = axis.centers
    let width = axis.width(axis.count - 1)
    var next = centers[axis.count - 1] + width
    let end = incidentEnergy + (response.elastic == nil ? 0 : 4 * response.sigma)
    while next + 0.5 * width < end {
      centers.append(next)
      next += width
    }
    return try EnergyAxis(centers: centers)
  }

  /// What the spectra are above the axis: the formula's, scaled to the upper fifth of the bins. Every spectrum but the
  /// slope is scaled by itself; the slope goes as the formula says of one unit.
  private static func tails(
    _ spectra: [[Double]], axis: EnergyAxis, wide: EnergyAxis, geometry: ScatteringGeometry,
    resolution: Double,
    formula: ChemicalFormula?
  ) throws(VoxelithError) -> [[Double]] {
    let more = axis.count..<wide.count
    guard !more.isEmpty else { return spectra.map { _ in [] } }
    let known = if let formula { formula } else { try ChemicalFormula(anyOxide) }
    let model = SpectrumModel(
      energy: wide, geometry: geometry, response: try DetectorResponse(resolution: resolution))
    let none = model.expected(try MaterialProfile(known, x: 0, model: .neutral))
    let unit =
      known.hasUnknownLithium
      ? model.expected(try MaterialProfile(known, x: 1, model: .neutral)) : none
    // The last bins may lack what the line's width brings from above.
    let top = axis.count - 1 - Int(2 * resolution / axis.width(axis.count - 1))
    let upper = max(0, min(top - 1, axis.count * 4 / 5))..<max(1, top)
    let expected = upper.reduce(0.0) { $0 + none[$1] }
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
