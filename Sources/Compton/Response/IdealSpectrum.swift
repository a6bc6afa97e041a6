import Foundation
import Volumetry

/// A material's spectrum before the detector on fine steps, with even corrections of its profile, and its counts on bins.
struct IdealSpectrum {
  private let densities: [Double]
  private let energies: [Double]
  private let step: Double
  private let low: Double
  private let peak: Double
  private let even: [[Double]]
  private let axis: EnergyAxis

  /// |pz| at which even corrections have their tops, a.u.
  private static let knots = [0, 0.7, 1.5, 2.5, 4, 6, 9, 13]
  static let evenTerms = knots.count

  init(
    _ profile: MaterialProfile, axis: EnergyAxis, geometry: ScatteringGeometry, resolution: Double
  ) {
    let narrowest = (0..<axis.count).map { axis.width($0) }.min() ?? 1
    let step = max(min(narrowest / 2, resolution / 8), (geometry.incidentEnergy - axis.edge(0)) / 8000)
    let low = max(axis.edge(0) - 4 * resolution, step)
    let count = max(1, Int((geometry.incidentEnergy - low) / step))
    let crossSection = CrossSection(geometry)
    energies = (0..<count).map { low + (Double($0) + 0.5) * step }
    densities = energies.map { crossSection.doubleDifferential(at: $0, profile: profile) }
    let momenta = energies.map { abs(geometry.momentum(at: $0)) }
    even = Self.knots.indices.map { knot in momenta.map { Self.hat(knot, at: $0) } }
    self.step = step
    self.low = low
    self.axis = axis
    peak = geometry.peakEnergy
  }

  /// A smooth hat over its neighbours: cos^2 in the distance between knots; the last one runs on.
  private static func hat(_ knot: Int, at momentum: Double) -> Double {
    let here = knots[knot]
    let isLast = knot == knots.count - 1
    if momentum >= here {
      if isLast { return 1 }
      let part = (momentum - here) / (knots[knot + 1] - here)
      return part < 1 ? pow(cos(0.5 * .pi * part), 2) : 0
    }
    let part = (here - momentum) / (here - knots[knot - 1])
    return part < 1 ? pow(cos(0.5 * .pi * part), 2) : 0
  }

  /// Counts of the bins.
  ///
  /// - Parameters:
  ///   - slope: of the logarithm of the efficiency, per 10 keV.
  ///   - offset: by how much the axis reads too much, keV.
  ///   - even: relative corrections of the profile at the knots.
  func counts(slope: Double, offset: Double, even corrections: [Double], detector: DetectorResponse)
    -> [Double]
  {
    var arrived = densities
    for index in arrived.indices {
      var correction = 1.0
      for (term, value) in zip(even, corrections) { correction += value * term[index] }
      arrived[index] *= correction * exp(slope * (energies[index] - peak) / 10)
    }
    if !detector.efficiency.isEmpty {
      for index in arrived.indices { arrived[index] *= detector.efficiency(at: energies[index]) }
    }
    let edges = (0...arrived.count).map { low + Double($0) * step }
    if let fixed = FixedEnergyResponse(detector, edges: edges, withTail: true) {
      arrived = fixed.applied(arrived)
    }
    var line = detector
    line.tailFraction = 0
    let spread = line.spread(arrived, step: step)
    var sums = [0.0]
    for value in spread { sums.append((sums.last ?? 0) + value) }
    func below(_ energy: Double) -> Double {
      let position = min(max((energy - offset - low) / step, 0), Double(spread.count))
      let whole = min(Int(position), spread.count - 1)
      return sums[whole] + (position - Double(whole)) * spread[whole]
    }
    return (0..<axis.count).map { below(axis.edge($0 + 1)) - below(axis.edge($0)) }
  }
}
