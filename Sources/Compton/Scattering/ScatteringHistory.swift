import Foundation
import Volumetry

/// One photon after another.
struct ScatteringHistory {
  /// Energy in keV and weight of a photon that reaches the camera.
  struct Photon {
    var energy: Double
    var weight: Double
  }

  private let scene: ScatteringScene
  private let materials: [ScatteringMaterial]
  private let bounds: (lower: SIMD3<Double>, upper: SIMD3<Double>)
  /// Cross-section of the beam, um, and its middle.
  private let size: (width: Double, height: Double)
  private let middle: SIMD3<Double>
  private var generator: SeededGenerator
  private var lengths: [Float]

  init(_ scene: ScatteringScene, materials: [ScatteringMaterial], generator: SeededGenerator) {
    self.scene = scene
    self.materials = materials
    self.generator = generator
    bounds = scene.body.bounds
    lengths = [Float](repeating: 0, count: materials.count)
    if let beam = scene.beam {
      size = (beam.width, beam.height)
      middle = beam.center
    } else {
      // The shadow of the sample across the beam.
      let half = 0.5 * (bounds.upper - bounds.lower)
      func extent(_ axis: SIMD3<Double>) -> Double {
        2 * (abs(axis.x) * half.x + abs(axis.y) * half.y + abs(axis.z) * half.z)
      }
      size = (extent(scene.beamSide), extent(scene.normal))
      middle = 0.5 * (bounds.upper + bounds.lower)
    }
  }

  /// The photons of one history: scattered once at its first place, and twice.
  mutating func next() -> (once: Photon?, twice: Photon?) {
    let start =
      middle + (generator.uniform() - 0.5) * size.width * scene.beamSide
      + (generator.uniform() - 0.5) * size.height * scene.normal
    guard let chord = ScatteringBody.way(start, scene.beamDirection, bounds.lower, bounds.upper) else {
      return (nil, nil)
    }
    let first =
      start + (chord.enter + generator.uniform() * (chord.leave - chord.enter)) * scene.beamDirection
    let incident = scene.geometry.incidentEnergy
    guard let electron = electron(at: first) else { return (nil, nil) }
    let arriving =
      (chord.leave - chord.enter) * 1e-4 * electron.density
      * transmission(from: first, along: -1 * scene.beamDirection, energy: incident)
    var once: Photon?
    if scene.isSeen(first),
      let event = event(electron, energy: incident, from: scene.beamDirection, to: scene.exitDirection)
    {
      once = Photon(
        energy: event.energy,
        weight: arriving * event.weight
          * transmission(from: first, along: scene.exitDirection, energy: event.energy))
    }
    return (once, twice(from: first, electron: electron, arriving: arriving))
  }

  private mutating func twice(
    from first: SIMD3<Double>, electron: Electron, arriving: Double
  ) -> Photon? {
    let cosine = 2 * generator.uniform() - 1
    let azimuth = 2 * Double.pi * generator.uniform()
    let sine = (1 - cosine * cosine).squareRoot()
    let along =
      cosine * scene.beamDirection + sine * cos(azimuth) * scene.beamSide + sine * sin(azimuth) * scene.normal
    guard
      let between = event(
        electron, energy: scene.geometry.incidentEnergy, from: scene.beamDirection, to: along),
      let way = ScatteringBody.way(first, along, bounds.lower, bounds.upper), way.leave > 0
    else { return nil }
    let second = first + generator.uniform() * way.leave * along
    guard scene.isSeen(second), let other = self.electron(at: second),
      let last = event(other, energy: between.energy, from: along, to: scene.exitDirection)
    else { return nil }
    let depth =
      depth(from: first, along: along, energy: between.energy)
      - depth(from: second, along: along, energy: between.energy)
    let weight =
      arriving * between.weight * 4 * .pi * way.leave * 1e-4 * other.density * exp(-max(0, depth))
      * last.weight
      * transmission(from: second, along: scene.exitDirection, energy: last.energy)
    return Photon(energy: last.energy, weight: weight)
  }

  /// A material at a place, drawn by its electrons, and the electrons of all there in 1 / (barn cm).
  private struct Electron {
    var material: Int
    var density: Double
  }

  private mutating func electron(at point: SIMD3<Double>) -> Electron? {
    var total = 0.0
    for (index, material) in materials.enumerated() {
      total += scene.body.fraction(index, at: point) * material.density * material.electrons
    }
    guard total > 0 else { return nil }
    var left = generator.uniform() * total
    for (index, material) in materials.enumerated() {
      let own = scene.body.fraction(index, at: point) * material.density * material.electrons
      if own > 0, left <= own { return Electron(material: index, density: total) }
      left -= own
    }
    return nil
  }

  /// The scattered photon and the cross-section of one electron for it, barn per steradian: F dE/dpz of the impulse
  /// approximation, with pz drawn from the profile.
  private mutating func event(
    _ electron: Electron, energy: Double, from: SIMD3<Double>, to: SIMD3<Double>
  ) -> Photon? {
    let cosine = min(max((from * to).sum(), -1), 1)
    let angle = acos(cosine) * 180 / .pi
    let momentum = materials[electron.material].momentum(generator.uniform())
    guard angle > 0.01, let geometry = try? ScatteringGeometry(incidentEnergy: energy, angle: angle),
      let scattered = geometry.energy(at: momentum), scattered > 1, scattered < energy
    else { return nil }
    let weight = CrossSection(geometry).factor(at: scattered) / geometry.slope(at: scattered)
    return weight > 0 && weight.isFinite ? Photon(energy: scattered, weight: weight) : nil
  }

  private mutating func depth(from point: SIMD3<Double>, along direction: SIMD3<Double>, energy: Double)
    -> Double
  {
    scene.body.lengths(from: point, along: direction, into: &lengths)
    var depth = 0.0
    for (index, material) in materials.enumerated() where lengths[index] > 0 {
      depth += Double(lengths[index]) * material.attenuation(energy)
    }
    return depth
  }

  private mutating func transmission(
    from point: SIMD3<Double>, along direction: SIMD3<Double>, energy: Double
  ) -> Double {
    exp(-depth(from: point, along: direction, energy: energy))
  }
}
