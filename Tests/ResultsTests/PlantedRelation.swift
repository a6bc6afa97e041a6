import Compton
import Correlation
import Drawing
import Foundation
import Microstructure
import Phantoms
import Readers
import Registration
import Results
import Transport
import Volumetry

/// A relation between lithium and pore angle, planted in spectra and in directions, and found by the chain that a
/// pipeline runs: map, tensor average on the coarse grid, table, correlation with errors in variables.
struct PlantedRelation {
  static let grid = Grid(shape: Shape(z: 6, y: 10, x: 10), spacing: SIMD3(repeating: 50))
  static let fine = Grid(shape: Shape(z: 12, y: 20, x: 20), spacing: SIMD3(repeating: 25))
  /// Change of x per degree.
  static let slope = 0.012

  let twin: Twin
  let calibration: Calibration

  init() throws {
    var settings = TwinSettings()
    settings.counts = 4_000_000
    settings.ratio = 2
    let labels = Volume<UInt8>(grid: Self.fine, repeating: 1)
    twin = try Twin(labels: labels, settings: settings, resources: Resources())
    calibration = try Calibration(twin.standards.set)
  }

  /// The lithium map of true contents with the noise of the counts.
  func map(_ x: [Double], seed: UInt64) throws -> (x: [Float], sigma: [Float]) {
    let rate = twin.spectra.rates[0]
    let time = twin.settings.voxelLiveTime
    let bins = twin.spectra.energy.count
    var counts = [Float](repeating: 0, count: x.count * bins)
    Parallel.forEachSlab(of: &counts, stride: bins) { voxel, spectrum in
      var random = SeededGenerator(seed: seed, stream: UInt64(1000 + voxel))
      for bin in 0..<bins {
        let mean = time * (rate.constant[bin] + x[voxel] * rate.slope[bin] + rate.background[bin])
        spectrum[bin] = Float(random.poisson(mean))
      }
    }
    let source = try SpectralVolume(
      grid: Self.grid, energy: twin.spectra.energy,
      acquisition: twin.spectra.acquisition, counts: counts)
    let result = try LithiumMap(source: source, calibration: calibration).map(
      Region(whole: Self.grid.shape))
    return (result.x, result.sigma)
  }

  /// Smooth noise of unit variance on the coarse grid.
  private static func smooth(_ seed: UInt64, _ stream: UInt64) -> [Double] {
    let pad = 4
    let wide = Shape(z: grid.shape.z + 2 * pad, y: grid.shape.y + 2 * pad, x: grid.shape.x + 2 * pad)
    var random = SeededGenerator(seed: seed, stream: stream)
    let noise = (0..<wide.count).map { _ in Float(random.normal()) }
    let sigma = 1.0
    let blurred = SeparableFilter.gaussian(
      noise, shape: wide, sigma: SIMD3(repeating: sigma), threads: 1)
    let scale = pow(2 * Double.pi.squareRoot() * sigma, 1.5)
    let inner = Region(lower: Shape(z: pad, y: pad, x: pad), shape: grid.shape)
    return Volume<Float>(grid: Grid(shape: wide, spacing: .one), voxels: blurred).crop(inner)
      .map { Double($0) * scale }
  }

  /// Angles of fine directions, constant over a coarse voxel, as the tensor average gives them back.
  private static func poreAngles(_ angles: [Double]) throws -> [Double] {
    var components = [[Float]](repeating: [], count: 3)
    for z in 0..<fine.shape.z {
      for y in 0..<fine.shape.y {
        for x in 0..<fine.shape.x {
          let angle = angles[grid.shape.index(z: z / 2, y: y / 2, x: x / 2)] * .pi / 180
          // Both senses of a direction occur.
          let sign = (x + y + z) % 2 == 0 ? 1.0 : -1.0
          components[0].append(Float(sign * sin(angle)))
          components[1].append(0)
          components[2].append(Float(sign * cos(angle)))
        }
      }
    }
    let projection = try FieldProjection(onto: grid, through: .identity)
    let fields = try projection.orientation(
      vectors: components.map { Volume<Float>(grid: fine, voxels: $0) })
    return fields.polarAngle.voxels.map { Double($0) }
  }

  /// What the analysis tells for one seed.
  func relation(seed: UInt64, slope: Double = PlantedRelation.slope) throws -> Relation {
    let wanted = Self.smooth(seed, 1).map { 40 + 10 * $0 }
    let angles = try Self.poreAngles(wanted)
    let own = Self.smooth(seed, 2)
    let x = wanted.indices.map { 0.5 + slope * (wanted[$0] - 40) + 0.15 * own[$0] }
    let map = try map(x, seed: seed)
    var table = try VoxelTable(grid: Self.grid)
    try table.add("lithium", unit: "1", values: map.x.map { Double($0) })
    try table.add("lithium_sigma", unit: "1", values: map.sigma.map { Double($0) })
    try table.add("pore_angle", unit: "deg", values: angles)
    var analysis = CorrelationAnalysis()
    analysis.sigmas = ["lithium": "lithium_sigma"]
    analysis.replicates = 100
    analysis.seed = seed
    let report = try analysis.run(
      table, pairs: [("pore_angle", "lithium")], resources: Resources(threads: 2))
    return report.relations[0]
  }
}
