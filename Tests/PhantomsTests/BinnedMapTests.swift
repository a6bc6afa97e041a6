import Compton
import Phantoms
import Testing
import Volumetry

/// Voxels merged to a wanted sigma(x), against the truth of twins.
@Suite struct BinnedMapTests {
  static func settings(counts: Double, seed: UInt64 = 3) -> TwinSettings {
    var settings = TwinSettings()
    settings.counts = counts
    settings.backgroundFraction = 0.05
    settings.ratio = 1
    settings.standardLiveTime = settings.voxelLiveTime * 4e8 / counts
    settings.seed = seed
    settings.lithiumMean = 0.6
    settings.lithiumGradient = 0
    settings.lithiumAmplitude = 0
    return settings
  }

  static func twin(_ settings: TwinSettings, shape: Shape) throws -> Twin {
    let labels = LabelVolume(grid: Grid(shape: shape, spacing: SIMD3(2, 2, 3)), repeating: 1)
    return try Twin(labels: labels, settings: settings, resources: Resources())
  }

  static func map(_ twin: Twin, method: MapMethod = .profile) throws -> LithiumMap {
    var options = MapOptions(method: method)
    options.wantsInformation = true
    return try LithiumMap(
      source: twin.spectra, calibration: try Calibration(twin.standards.set), options: options)
  }

  /// One value for each bin.
  static func bins(_ map: BinnedMap) -> [(x: Double, sigma: Double, size: Int)] {
    var found: [UInt32: (Double, Double, Int)] = [:]
    for voxel in map.labels.indices where map.labels[voxel] > 0 {
      found[map.labels[voxel]] = (
        Double(map.values.x[voxel]), Double(map.values.sigma[voxel]), Int(map.sizes[voxel])
      )
    }
    return found.sorted { $0.key < $1.key }.map { ($0.value.0, $0.value.1, $0.value.2) }
  }

  @Test(arguments: [(1e4, MapMethod.profile), (300, .profile), (1e4, .sParameter)])
  func binsReachTheSigmaAndHoldIt(counts: Double, method: MapMethod) throws {
    let wanted = counts > 1000 ? 0.08 : 0.25
    var pulls = Moments()
    var sigmas: [Double] = []
    var sizes: [Double] = []
    var inside = 0
    for seed in 0..<4 {
      let twin = try Self.twin(
        Self.settings(counts: counts, seed: UInt64(seed)), shape: Shape(z: 14, y: 20, x: 20))
      let map = try BinnedLithiumMap(
        try Self.map(twin, method: method), options: BinningOptions(.sigma(wanted))
      ).run(resources: Resources())
      for bin in Self.bins(map) {
        pulls.add((bin.x - 0.6) / bin.sigma)
        if abs(bin.x - 0.6) < 1.96 * bin.sigma { inside += 1 }
        sigmas.append(bin.sigma)
        sizes.append(Double(bin.size))
      }
      #expect(map.values.mask.allSatisfy { $0 == 0 })
      #expect(map.independentValues == map.binSizes.count && map.binSizes.reduce(0, +) == 5600)
      #expect(map.short < map.independentValues / 8)
    }
    print(
      "binned \(method) \(counts) counts: \(pulls.count) bins, spread/sigma \(pulls.standardDeviation), mean \(pulls.mean), 95 % \(Double(inside) / Double(pulls.count)), median sigma \(Quantiles.median(sigmas)), voxels \(Quantiles.median(sizes))"
    )
    #expect(abs(pulls.standardDeviation - 1) < 3.5 / (2 * Double(pulls.count)).squareRoot() + 0.02)
    #expect(abs(Double(inside) / Double(pulls.count) - 0.95) < 0.03)
    #expect(Quantiles.median(sigmas) <= 1.03 * wanted && Quantiles.median(sigmas) > 0.7 * wanted)
  }

  /// Pixels of other angles see other spectra: the sum of what they expect fits the sum of what they count.
  @Test func voxelsOfOtherAnglesAreAddedRightly() throws {
    var settings = Self.settings(counts: 3e4, seed: 11)
    settings.angleSpread = 4
    let twin = try Self.twin(settings, shape: Shape(z: 16, y: 20, x: 20))
    let map = try BinnedLithiumMap(try Self.map(twin), options: BinningOptions(.counts(4e5))).run(
      resources: Resources())
    var pulls = Moments()
    for bin in Self.bins(map) { pulls.add((bin.x - 0.6) / bin.sigma) }
    print("binned angles: \(pulls.count) bins, spread/sigma \(pulls.standardDeviation) mean \(pulls.mean)")
    #expect(pulls.count > 150)
    #expect(abs(pulls.standardDeviation - 1) < 0.2 && abs(pulls.mean) < 0.5)
    // Deviance tells whether the sum of the models is the model of the sum.
    let deviance = try #require(map.summary.devianceRatio)
    #expect(abs(deviance - 1) < 0.02, "\(deviance)")
  }

  @Test func bytesDoNotDependOnThreadsAndMemory() throws {
    let twin = try Self.twin(Self.settings(counts: 2e3), shape: Shape(z: 9, y: 11, x: 10))
    let map = try BinnedLithiumMap(try Self.map(twin), options: BinningOptions(.sigma(0.15)))
    let one = try map.run(resources: Resources(threads: 1, memory: 4 << 20))
    let many = try map.run(resources: Resources(threads: 3))
    #expect(
      one.labels == many.labels && one.values.x == many.values.x && one.values.sigma == many.values.sigma)
    #expect(one.resolution == many.resolution)
  }

  /// Two particles with an empty wall between them, whose voxels are few: no bin crosses it.
  @Test func binsKeepToTheirParticle() throws {
    var settings = Self.settings(counts: 1e4, seed: 5)
    settings.backgroundFraction = 0.02
    let grid = Grid(shape: Shape(z: 8, y: 10, x: 13), spacing: .one)
    var labels = LabelVolume(grid: grid, repeating: 1)
    for z in 0..<8 { for y in 0..<10 { labels[z, y, 6] = 9 } }
    let twin = try Twin(labels: labels, settings: settings, resources: Resources())
    let map = try BinnedLithiumMap(try Self.map(twin), options: BinningOptions(.sigma(0.06))).run(
      resources: Resources())
    var sides: [UInt32: Set<Bool>] = [:]
    for voxel in map.labels.indices {
      let x = voxel % 13
      if x == 6 {
        #expect(map.labels[voxel] == 0 && map.values.x[voxel].isNaN)
        #expect(map.values.mask[voxel] == VoxelStatus.empty.rawValue)
      } else {
        sides[map.labels[voxel], default: []].insert(x < 6)
      }
    }
    #expect(sides.count > 4 && sides.values.allSatisfy { $0.count == 1 })
  }

  @Test func resolutionIsThatOfTheBin() throws {
    let twin = try Self.twin(Self.settings(counts: 1e4), shape: Shape(z: 1, y: 1, x: 1))
    let map = try BinnedLithiumMap(try Self.map(twin), options: BinningOptions(.counts(1))).run(
      resources: Resources())
    #expect(map.labels == [1] && map.sizes == [1])
    let width = 2.354_82 * ((4.0 + 4 + 9) / 36).squareRoot()
    #expect(abs(Double(map.resolution[0]) - width) < 1e-3)
  }

  @Test func impossibleGoalsAreRefused() throws {
    let twin = try Self.twin(Self.settings(counts: 1e4), shape: Shape(z: 1, y: 1, x: 2))
    let map = try Self.map(twin)
    for goal in [BinningOptions.Goal.sigma(1e-6), .sigma(0), .counts(-1), .sigma(.nan)] {
      #expect(throws: VoxelithError.self) { try BinnedLithiumMap(map, options: BinningOptions(goal)) }
    }
  }
}
