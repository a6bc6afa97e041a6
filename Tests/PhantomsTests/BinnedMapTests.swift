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
      let summary = map.summary
      #expect(summary.independentValues == summary.bins && !map.labels.contains(0))
      #expect(summary.bins == Self.bins(map).count && summary.short < summary.bins / 8)
      #expect(summary.medianVoxels == Quantiles.median(Self.bins(map).map { Double($0.size) }))
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
    let deviance = try #require(map.summary.voxels.devianceRatio)
    #expect(abs(deviance - 1) < 0.02, "\(deviance)")
  }

  /// 72 160 voxels at up to 128 bytes are more than is ever held in memory at 8 MB, so they are paged; a slice cuts more
  /// bins than that budget holds, so they go by bands of rows.
  @Test(arguments: [0, 4] as [Double])
  func bytesDoNotDependOnThreadsAndMemory(angleSpread: Double) throws {
    var settings = Self.settings(counts: 2e3)
    settings.angleSpread = angleSpread
    let twin = try Self.twin(settings, shape: Shape(z: 8, y: 41, x: 220))
    let map = try BinnedLithiumMap(try Self.map(twin), options: BinningOptions(.counts(2e4)))
    let large = try map.run(resources: Resources(threads: 3, memory: 2 << 30))
    #expect(large.summary.bins > 5000)
    for threads in angleSpread == 0 ? [1, 3] : [3] {
      let small = try map.run(resources: Resources(threads: threads, memory: 8 << 20))
      #expect(small.labels == large.labels && small.sizes == large.sizes)
      #expect(Self.bits(small) == Self.bits(large))
      #expect(small.values.mask == large.values.mask)
      #expect(small.summary.voxels.meanOfX?.value == large.summary.voxels.meanOfX?.value)
      #expect(small.summary.voxels.sigma == large.summary.voxels.sigma)
      #expect(small.summary.medianSigma == large.summary.medianSigma)
      #expect(small.summary.medianResolution == large.summary.medianResolution)
    }
  }

  private static func bits(_ map: BinnedMap) -> [[UInt32]] {
    let values = map.values
    return [
      values.x, values.sigma, values.intensity, values.ratio, values.deviance, values.expectedDeviance,
      map.resolution,
    ].map { $0.map(\.bitPattern) }
  }

  /// Boxes come in the order of the grid, cut within slices where these do not fit, and are the map.
  @Test func boxesTileTheMap() throws {
    let twin = try Self.twin(Self.settings(counts: 2e3), shape: Shape(z: 3, y: 180, x: 20))
    let map = try BinnedLithiumMap(try Self.map(twin), options: BinningOptions(.sigma(0.2)))
    let resources = Resources(memory: 1 << 20)
    var next = 0
    var labels: [UInt32] = []
    let summary = try map.run(resources: resources) { (region, box) in
      let first = twin.spectra.grid.shape.index(z: region.lower.z, y: region.lower.y, x: region.lower.x)
      #expect(first == next && region.shape.z == 1 && region.count < 180 * 20)
      next += region.count
      labels += box.labels
    }
    #expect(next == 3 * 180 * 20)
    let whole = try map.run(resources: Resources())
    #expect(labels == whole.labels && summary.bins == whole.summary.bins)
  }

  /// Where no voxel holds anything there is no bin.
  @Test func emptyMapsHaveNoBins() throws {
    let grid = Grid(shape: Shape(z: 3, y: 4, x: 5), spacing: .one)
    let labels = LabelVolume(grid: grid, repeating: 9)
    let twin = try Twin(
      labels: labels, settings: Self.settings(counts: 1e4), resources: Resources())
    let map = try BinnedLithiumMap(try Self.map(twin), options: BinningOptions(.sigma(0.08))).run(
      resources: Resources())
    #expect(map.labels.allSatisfy { $0 == 0 } && map.values.x.allSatisfy(\.isNaN))
    #expect(map.values.mask.allSatisfy { $0 == VoxelStatus.empty.rawValue })
    #expect(map.summary.bins == 0 && map.summary.voxels.voxels == 60 && map.summary.voxels.mapped == 0)
    #expect(map.summary.medianSigma.isNaN && map.summary.medianVoxels.isNaN)
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
