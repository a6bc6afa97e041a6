public import Volumetry

/// Forward model: from a profile to the expected counts of every bin.
public struct SpectrumModel: Sendable {
  public let energy: EnergyAxis
  public let geometry: ScatteringGeometry
  public let response: DetectorResponse

  public init(energy: EnergyAxis, geometry: ScatteringGeometry, response: DetectorResponse) {
    self.energy = energy
    self.geometry = geometry
    self.response = response
  }

  /// Expected counts per bin for one formula unit, in barn per steradian: the double differential cross-section,
  /// times `transmission(E)`, spread by the detector and integrated over the bins.
  ///
  /// The fine grid has eight steps to the narrowest bin or four to the detector's sigma, whichever is finer, and
  /// reaches beyond the axis by the width of the response.
  public func expected(
    _ profile: some MomentumProfile, transmission: (Double) -> Double = { _ in 1 }
  ) -> [Double] {
    let edges = energy.edges
    let narrowest = (0..<energy.count).map { energy.width($0) }.min() ?? 1
    let step = response.sigma > 0 ? min(narrowest / 8, response.sigma / 4) : narrowest / 8
    let margin =
      6 * response.sigma + (response.tailFraction > 0 ? 12 * response.tailLength : 0) + 4 * step
    let low = max(edges[0] - margin, step)
    let reachesDown = response.sharingFraction > 0 || !response.escapes.isEmpty
    let high =
      reachesDown ? geometry.incidentEnergy : min(edges[energy.count] + margin, geometry.incidentEnergy)
    guard high > low else { return [Double](repeating: 0, count: energy.count) }
    let count = Int(((high - low) / step).rounded(.up))
    let crossSection = CrossSection(geometry)
    var densities = [Double](repeating: 0, count: count)
    for index in 0..<count {
      let center = low + (Double(index) + 0.5) * step
      guard center < geometry.incidentEnergy else { break }
      densities[index] =
        crossSection.doubleDifferential(at: center, profile: profile) * transmission(center)
        * response.efficiency(at: center)
    }
    let moved = FixedEnergyResponse(
      response, edges: (0...count).map { low + Double($0) * step }, withTail: false)
    let spread = response.spread(moved?.applied(densities) ?? densities, step: step)
    var cumulative = [Double](repeating: 0, count: count + 1)
    for index in 0..<count { cumulative[index + 1] = cumulative[index] + spread[index] * step }
    func integral(to energy: Double) -> Double {
      let position = (energy - low) / step
      if position <= 0 { return 0 }
      if position >= Double(count) { return cumulative[count] }
      let whole = Int(position)
      return cumulative[whole] + (position - Double(whole)) * (cumulative[whole + 1] - cumulative[whole])
    }
    return (0..<energy.count).map { integral(to: edges[$0 + 1]) - integral(to: edges[$0]) }
  }
}
