import Foundation
public import Volumetry

/// What a sample scatters once and twice into a detector.
public struct ScatteredSpectrum: Sendable {
  public let axis: EnergyAxis
  /// Per photon of the beam and steradian, for each bin.
  public let single: [Double]
  public let double: [Double]
  /// Photons scattered twice over those scattered once, on the axis, and the standard deviation by the histories.
  public let ratio: Double
  public let ratioSigma: Double

  init(
    _ tally: MultipleScattering.Tally, histories: Int, step: Double, axis: EnergyAxis,
    response: DetectorResponse
  ) {
    self.axis = axis
    let edges = (0...tally.single.count).map { Double($0) * step }
    let centers = tally.single.indices.map { (Double($0) + 0.5) * step }
    let fixed = FixedEnergyResponse(response, edges: edges, withTail: false)
    func recorded(_ weights: [Double]) -> [Double] {
      let arrived = weights.indices.map {
        weights[$0] / Double(histories) * response.efficiency(at: centers[$0])
      }
      let spread = response.spread(fixed?.applied(arrived) ?? arrived, step: step)
      var sums = [0.0]
      for value in spread { sums.append((sums.last ?? 0) + value) }
      func below(_ energy: Double) -> Double {
        let place = min(max(energy / step, 0), Double(spread.count))
        let whole = min(Int(place), spread.count - 1)
        return sums[whole] + (place - Double(whole)) * spread[whole]
      }
      return (0..<axis.count).map { below(axis.edge($0 + 1)) - below(axis.edge($0)) }
    }
    single = recorded(tally.single)
    double = recorded(tally.double)
    let once = single.reduce(0, +)
    ratio = once > 0 ? double.reduce(0, +) / once : 0
    ratioSigma = tally.total > 0 ? ratio * (tally.squares.squareRoot() / tally.total) : 0
  }
}
