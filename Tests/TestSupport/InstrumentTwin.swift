import Foundation
public import Volumetry

/// A second simulator of Compton spectra, for judging what the program makes of spectra that no model of its own made.
///
/// It shares no code and no form of a formula with `Phantoms`: profiles are hydrogen-like shells, momenta those of the impulse
/// approximation of lowest order, and the detector loses charge step by step on a grid of 0.1 keV: escape lines, sharing
/// between pixels, trapping, noise, pile-up, gain.
public struct InstrumentTwin: Sendable {
  public var incidentEnergy = 115.6
  public var angle = 90.0
  /// Full width of a rectangle of angles in degrees.
  public var acceptance = 0.0
  public var fwhm = 1.0
  public var tail = 0.15
  /// keV.
  public var tailLength = 3.0
  /// Whether trapping grows with depth, instead of an exponential tail.
  public var trapsByDepth = false
  public var escape = 0.08
  public var sharing = 0.15
  public var gain = 0.0
  public var offset = 0.0
  /// Flat counts as a part of those in the window, and their slope from end to end.
  public var flat = 0.0
  public var flatSlope = 0.0
  /// K beta of lead as a part of the Compton counts.
  public var lead = 0.0
  public var elastic = 0.004
  public var pileUp = 0.0
  public var multiple = 0.05
  /// mm of steel.
  public var steel = 0.0
  /// Counts of other phases over those of the material.
  public var casing = 0.0
  /// Counts of carbon, and of copper, over those of the material.
  public var carbon = 0.0
  public var copper = 0.0

  public init() {}

  private static let step = 0.1
  private static let grid: [Double] = (0..<1280).map { 2.05 + 0.1 * Double($0) }

  private static func shell(_ p: Double, _ a: Double) -> Double {
    8 * pow(a, 5) / (3 * .pi * pow(a * a + p * p, 3))
  }

  private static let host: [(Double, Double)] = [
    (4, 20), (16, 8), (9.6, 3.1), (7, 2), (4, 7.6), (10, 2.2),
  ]
  private static let lithium: [(Double, Double)] = [(2, 2.69), (0.9, 1.9), (0.1, 3.2)]
  private static let parts: [(Double, Double)] = [(13, 5), (8, 2), (4, 1.2)]
  private static let light: [(Double, Double)] = [(2, 5.7), (4, 1.65)]
  private static let metal: [(Double, Double)] = [(2, 28), (8, 11.6), (8, 5), (11, 3.1)]

  /// Photons of each step for electrons in these shells.
  private func photons(_ shells: [(Double, Double)], angle: Double) -> [Double] {
    let c = cos(angle * .pi / 180)
    return Self.grid.map { energy in
      guard energy < incidentEnergy - 0.05 else { return 0 }
      let q = (incidentEnergy * incidentEnergy + energy * energy - 2 * incidentEnergy * energy * c)
        .squareRoot()
      let p =
        (energy - incidentEnergy + incidentEnergy * energy * (1 - c) / 510.99895) / q * 510.99895 / 3.72894
      let ratio = energy / incidentEnergy
      return shells.reduce(0) { $0 + $1.0 * Self.shell(p, $1.1) } / q * ratio
        * (ratio + 1 / ratio - 1 + c * c)
    }
  }

  private func seen(_ shells: [(Double, Double)]) -> [Double] {
    guard acceptance > 0 else { return photons(shells, angle: angle) }
    var sum = [Double](repeating: 0, count: Self.grid.count)
    for part in [-1, -0.5, 0, 0.5, 1] {
      for (index, value) in photons(shells, angle: angle + 0.5 * part * acceptance).enumerated() {
        sum[index] += value / 5
      }
    }
    return sum
  }

  private static func nearest(_ energy: Double) -> Int {
    min(grid.count - 1, max(0, Int(((energy - 2.05) / step).rounded())))
  }

  private func scattered(_ x: Double) -> [Double] {
    let own = seen(Self.host)
    let lithium = seen(Self.lithium)
    let total = own.reduce(0, +)
    var all = zip(own, lithium).map { $0 + x * $1 }
    func add(_ shape: [Double], _ part: Double) {
      let sum = shape.reduce(0, +)
      for index in all.indices { all[index] += part * total * shape[index] / sum }
    }
    if casing > 0 { add(seen(Self.parts), casing) }
    if carbon > 0 { add(seen(Self.light), carbon) }
    if copper > 0 { add(seen(Self.metal), copper) }
    add(
      Self.grid.map { energy in
        (energy < 108 ? exp(-0.5 * pow((energy - 84) / 13, 2)) : 0) + 0.35
          * exp(-0.5 * pow((energy - 95) / 6, 2))
      }, multiple)
    all[Self.nearest(incidentEnergy)] += elastic * total
    if steel > 0 {
      for (index, energy) in Self.grid.enumerated() {
        all[index] *= exp(-0.1 * steel * (2 * pow(energy / 100, -2.6) + 1.05 * pow(energy / 100, -0.35)))
      }
    }
    for (energy, part) in [(84.94, 0.46), (84.45, 0.24), (87.36, 0.16)] {
      all[Self.nearest(energy)] += lead * part * total
    }
    return all
  }

  /// What every photon loses, as weights of whole steps.
  private static func lose(_ counts: [Double], _ losses: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: counts.count)
    for (lost, weight) in losses.enumerated() where weight != 0 {
      for index in lost..<max(lost, counts.count) { result[index - lost] += weight * counts[index] }
    }
    return result
  }

  private static func decay(_ length: Double, _ steps: Int) -> [Double] {
    let raw = (0..<steps).map { exp(-Double($0) * step / length) }
    let sum = raw.reduce(0, +)
    return raw.map { $0 / sum }
  }

  private func detected(_ photons: [Double]) -> [Double] {
    var counts = photons.map { (1 - escape) * $0 }
    for (energy, part) in [(23.2, 0.5), (26.1, 0.1), (27.5, 0.33), (31.0, 0.07)] {
      let lost = Int((energy / Self.step).rounded())
      for index in lost..<counts.count { counts[index - lost] += escape * part * photons[index] }
    }
    if sharing > 0 {
      var above = 0.0
      var uniform = counts
      for index in counts.indices.reversed() {
        above += counts[index] / Self.grid[index]
        uniform[index] = above * Self.step
      }
      let near = Self.lose(counts, Self.decay(8, 600))
      counts = counts.indices.map {
        (1 - sharing) * counts[$0] + sharing * (0.6 * uniform[$0] + 0.4 * near[$0])
      }
    }
    if tail > 0 {
      var losses = Self.decay(tailLength, 400)
      if trapsByDepth {
        losses = [Double](repeating: 0, count: 401)
        for index in 0..<2000 {
          let depth = (Double(index) + 0.5) / 2000
          let lost = tailLength * 1.5 * depth * depth * (1 + depth)
          losses[min(400, Int(lost / Self.step))] += exp(-1.5 * depth)
        }
        let sum = losses.reduce(0, +)
        losses = losses.map { $0 / sum }
      }
      let trapped = Self.lose(counts, losses)
      counts = zip(counts, trapped).map { (1 - tail) * $0 + tail * $1 }
    }
    let sigma = fwhm / 2.35482
    let noise = (-60...60).map { exp(-0.5 * pow(Double($0) * Self.step / sigma, 2)) }
    let sum = noise.reduce(0, +)
    var result = [Double](repeating: 0, count: counts.count)
    for index in counts.indices where counts[index] != 0 {
      for (k, weight) in noise.enumerated() where result.indices.contains(index + k - 60) {
        result[index + k - 60] += counts[index] * weight / sum
      }
    }
    return result
  }

  private func piledUp(_ counts: [Double]) -> [Double] {
    guard pileUp > 0 else { return counts }
    let total = counts.reduce(0, +)
    let first = Int((Self.grid[0] / Self.step).rounded())
    var pairs = [Double](repeating: 0, count: counts.count)
    for a in counts.indices {
      for b in 0..<max(0, counts.count - a - first) { pairs[a + b + first] += counts[a] * counts[b] / total }
    }
    return zip(counts, pairs).map { (1 - pileUp) * $0 + pileUp * $1 }
  }

  /// Expected counts of the bins, in units of their own.
  public func expected(_ x: Double, on axis: EnergyAxis) -> [Double] {
    let counts = piledUp(detected(scattered(x)))
    var below = [0.0]
    for count in counts { below.append(below[below.count - 1] + count) }
    func integral(_ energy: Double) -> Double {
      let place = max(1, min(Double(counts.count - 2), (energy - Self.grid[0]) / Self.step + 0.5))
      let index = Int(place)
      let t = place - Double(index)
      let left = 0.5 * (below[index + 1] - below[index - 1])
      let right = 0.5 * (below[min(index + 2, counts.count)] - below[index])
      let (t2, t3) = (t * t, t * t * t)
      return (2 * t3 - 3 * t2 + 1) * below[index] + (t3 - 2 * t2 + t) * left
        + (3 * t2 - 2 * t3) * below[index + 1] + (t3 - t2) * right
    }
    var result = (0..<axis.count).map { bin in
      integral((axis.edge(bin + 1) - offset) / (1 + gain)) - integral((axis.edge(bin) - offset) / (1 + gain))
    }
    let level = flat * result.reduce(0, +) / Double(axis.count)
    let middle = 0.5 * (axis.edge(0) + axis.edge(axis.count))
    for bin in result.indices { result[bin] += level * (1 + flatSlope * (axis.centers[bin] - middle) / 14) }
    return result
  }
}
