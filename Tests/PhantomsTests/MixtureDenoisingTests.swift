import Compton
import Phantoms
import Testing
import Volumetry

/// Binning and prior on a cathode of several phases, whose fractions are known.
@Suite struct MixtureDenoisingTests {
  static func cathode(seed: UInt64, counts: Double = 3e4) throws -> Twin {
    var settings = TwinSettings()
    settings.ratio = 5
    settings.counts = counts
    settings.isMixture = true
    settings.seed = seed
    settings.lithiumMean = 0.6
    settings.lithiumGradient = 0
    settings.lithiumAmplitude = 0
    let grid = Grid(shape: Shape(z: 50, y: 60, x: 60), spacing: SIMD3(repeating: 2))
    let labels = try CathodePhantom(grid: grid, pores: .isotropic, poreSpacing: 40, seed: 4).loadLabels()
    return try Twin(labels: labels, settings: settings, resources: Resources())
  }

  static func map(_ twin: Twin) throws -> (LithiumMap, [Volume<Float>]) {
    let fields = twin.spectra.fields
    let fractions = ([fields.active] + fields.components).map { Volume(grid: fields.grid, voxels: $0) }
    var options = MapOptions()
    options.wantsInformation = true
    options.restIsEmpty = true
    return (
      try LithiumMap(
        source: twin.spectra, calibration: try Calibration(twin.standards.set), options: options,
        fractions: fractions), fractions
    )
  }

  @Test func binsOfMixturesHold() throws {
    var pulls = Moments()
    for seed in 0..<3 {
      let (map, fractions) = try Self.map(try Self.cathode(seed: UInt64(seed + 20)))
      let binned = try BinnedLithiumMap(map, options: BinningOptions(.sigma(0.06))).run(
        resources: Resources())
      for bin in BinnedMapTests.bins(binned) { pulls.add((bin.x - 0.6) / bin.sigma) }
      for voxel in binned.labels.indices where fractions[0].voxels[voxel] < 0.02 {
        #expect(binned.labels[voxel] == 0)
      }
    }
    print("binned mixture: \(pulls.count) bins, spread/sigma \(pulls.standardDeviation) mean \(pulls.mean)")
    #expect(pulls.count > 100)
    #expect(abs(pulls.standardDeviation - 1) < 0.2 && abs(pulls.mean) < 0.3)
  }

  @Test func priorOfMixturesHolds() throws {
    var pulls = Moments()
    var gain = Moments()
    for seed in 0..<3 {
      let (map, fractions) = try Self.map(try Self.cathode(seed: UInt64(seed + 40)))
      let grid = map.source.grid
      let made = try map.map(Region(whole: grid.shape))
      var noisy = try NoisyMap(grid: grid)
      noisy.paste(
        x: made.x, sigma: made.sigma, sharedSigma: made.sharedSigma, fractionSigma: made.fractionSigma,
        information: made.information)
      let guide = try PriorGuide(fractions, grid: grid, scales: [0.1])
      let result = try SpatialPrior(noisy, guide: guide).run(resources: Resources())
      for voxel in result.x.indices where result.x[voxel].isFinite {
        pulls.add(Double((result.x[voxel] - 0.6) / result.sigma[voxel]))
        gain.add(Double(made.sigma[voxel] / result.sigma[voxel]))
      }
    }
    print(
      "prior mixture: \(pulls.count) voxels, spread/sigma \(pulls.standardDeviation) mean \(pulls.mean) gain \(gain.mean)"
    )
    #expect(pulls.count > 2000 && gain.mean > 1.5)
    #expect(abs(pulls.standardDeviation - 1) < 0.15)
  }
}
