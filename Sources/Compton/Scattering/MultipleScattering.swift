import Foundation
public import Volumetry

/// Compton scattering once and twice in a sample, by Monte Carlo with forced events.
///
/// A history draws a place along the beam, an electron's momentum and a direction, and from them the energy of the photon
/// between the two events; a second place along its way, a second momentum, and the direction to the camera. Each carries
/// its probability as a weight: the double differential cross-section of both events, the electrons there, and the
/// transmission of the three ways. Photons that scatter once give the scale. Elastic scattering and three events or more
/// are left out.
public struct MultipleScattering: Sendable {
  public let scene: ScatteringScene
  public let histories: Int
  public let seed: UInt64

  private static let chunk = 8192
  /// keV: bins of the histograms before the detector.
  private static let step = 0.1

  /// - Throws: `usage` for fewer than 1000 histories.
  public init(_ scene: ScatteringScene, histories: Int, seed: UInt64 = 1) throws(VoxelithError) {
    guard histories >= 1000 else {
      throw VoxelithError(
        .usage, "\(histories) histories say nothing", advice: "give 1000 or more, as 1000000")
    }
    self.scene = scene
    self.histories = histories
    self.seed = seed
  }

  /// Spectra per photon of the beam and steradian, before the detector, and their sums.
  struct Tally: Sendable {
    var single: [Double]
    var double: [Double]
    var squares = 0.0
    var total = 0.0

    init(bins: Int) {
      single = [Double](repeating: 0, count: bins)
      double = single
    }

    mutating func add(_ other: Tally) {
      for bin in single.indices {
        single[bin] += other.single[bin]
        double[bin] += other.double[bin]
      }
      squares += other.squares
      total += other.total
    }
  }

  /// Runs all histories; the same bytes come out for any number of threads.
  ///
  /// - Throws: `data` where beam, view and sample do not meet.
  public func run(
    axis: EnergyAxis, response: DetectorResponse, resources: Resources
  ) throws(VoxelithError) -> ScatteredSpectrum {
    let incident = scene.geometry.incidentEnergy
    var materials: [ScatteringMaterial] = []
    for phase in scene.phases {
      materials.append(try ScatteringMaterial(phase, incidentEnergy: incident))
    }
    let bins = Int((incident / Self.step).rounded(.up)) + 1
    let chunks = (histories + Self.chunk - 1) / Self.chunk
    let known = materials
    let parts = try Parallel.map(chunks, threads: resources.threads) {
      (index) throws(VoxelithError) -> Tally in
      try resources.cancellation.check()
      var tally = Tally(bins: bins)
      var history = ScatteringHistory(
        scene, materials: known, generator: SeededGenerator(seed: seed, stream: UInt64(index)))
      for _ in 0..<min(Self.chunk, histories - index * Self.chunk) {
        let events = history.next()
        if let once = events.once { tally.single[min(Int(once.energy / Self.step), bins - 1)] += once.weight }
        if let twice = events.twice {
          tally.double[min(Int(twice.energy / Self.step), bins - 1)] += twice.weight
          tally.total += twice.weight
          tally.squares += twice.weight * twice.weight
        }
      }
      return tally
    }
    var tally = Tally(bins: bins)
    for part in parts { tally.add(part) }
    guard tally.single.contains(where: { $0 > 0 }) else {
      throw VoxelithError(
        .data, "no photon of the beam scatters in the sample where the camera sees it",
        advice: "check the centres and sizes of beam, view and sample, and the directions")
    }
    return ScatteredSpectrum(tally, histories: histories, step: Self.step, axis: axis, response: response)
  }
}
