import Compton
import Foundation
import Testing
import Volumetry

/// The promise of the spatial prior: what sigma and resolution say is what happens.
@Suite struct SpatialPriorTests {
  /// Truth plus independent noise of a sigma that differs from voxel to voxel.
  static func noisy(
    _ truth: [Float], grid: Grid, sigma: Double, seed: UInt64
  ) throws -> NoisyMap {
    var random = SeededGenerator(seed: seed)
    var levels = SeededGenerator(seed: 999)
    let sigmas = truth.map { _ in Float(sigma * (0.7 + 0.8 * levels.uniform())) }
    let x = zip(truth, sigmas).map { $0 + $1 * Float(random.normal()) }
    return try NoisyMap(grid: grid, x: x, sigma: sigmas)
  }

  static func field(_ grid: Grid, _ value: (SIMD3<Double>) -> Double) -> [Float] {
    let shape = grid.shape
    return (0..<shape.count).map {
      Float(value(grid.center(z: $0 / (shape.y * shape.x), y: $0 / shape.x % shape.y, x: $0 % shape.x)))
    }
  }

  static let grid = Grid(shape: Shape(z: 9, y: 14, x: 15), spacing: SIMD3(5, 5, 8))

  /// The closed form: the whole matrix, factored.
  @Test func agreesWithTheDenseSolution() throws {
    let grid = Grid(shape: Shape(z: 3, y: 4, x: 5), spacing: SIMD3(2, 3, 4))
    let shape = grid.shape
    let n = shape.count
    let truth = Self.field(grid) { $0.x > 5 ? 0.8 : 0.3 }
    let guideValues = Self.field(grid) { $0.x > 5 ? 1 : 0 }
    let measured = truth.indices.map { $0 == 7 ? .nan : truth[$0] }
    let map = try Self.noisy(measured, grid: grid, sigma: 0.2, seed: 3)
    let guide = try PriorGuide([Volume(grid: grid, voxels: guideValues)], grid: grid, scales: [0.7])
    let prior = try SpatialPrior(map, guide: guide, strength: .length(4))
    let result = try prior.run(resources: Resources())
    var a = Matrix(zeros: n, n)
    for i in 0..<n {
      a[i, i] += i == 7 ? 1 : Double(map.information[i])
      let (z, y, x) = (i / (shape.y * shape.x), i / shape.x % shape.y, i % shape.x)
      for (dz, dy, dx, h) in [(0, 0, 1, 2.0), (0, 1, 0, 3.0), (1, 0, 0, 4.0)]
      where z + dz < shape.z && y + dy < shape.y && x + dx < shape.x {
        let j = shape.index(z: z + dz, y: y + dy, x: x + dx)
        if i == 7 || j == 7 { continue }
        let step = Double(guideValues[i] - guideValues[j]) / 0.7
        let w = prior.strength * exp(-0.5 * step * step) / (h * h)
        a[i, i] += w
        a[j, j] += w
        a[i, j] -= w
        a[j, i] -= w
      }
    }
    let inverse = try #require(Cholesky(a)).inverse
    for i in 0..<n where i != 7 {
      var x = 0.0
      var variance = 0.0
      for j in 0..<n where j != 7 {
        let h = inverse[i, j] * Double(map.information[j])
        x += h * Double(map.x[j])
        variance += h * h * Double(map.countingVariance[j])
      }
      #expect(abs(Double(result.x[i]) - x) < 2e-4)
      #expect(abs(Double(result.sigma[i]) / variance.squareRoot() - 1) < 1e-3)
      #expect(abs(Double(result.posteriorSigma[i]) / inverse[i, i].squareRoot() - 1) < 1e-3)
      #expect(abs(Double(result.ownWeight[i]) / (inverse[i, i] * Double(map.information[i])) - 1) < 1e-3)
    }
    #expect(result.x[7].isNaN && result.sigma[7].isNaN)
  }

  /// A truth that is constant, and one with a step that the guide shows: errors over sigma have spread 1.
  @Test(arguments: [false, true], [PriorStrength.sigma(0.05), .length(6)])
  func sigmaHoldsWhereTheGuideShowsTheSteps(hasStep: Bool, strength: PriorStrength) throws {
    let grid = Self.grid
    let truth = Self.field(grid) { hasStep && $0.x + $0.y > 60 ? 0.9 : 0.4 }
    let guide =
      hasStep
      ? try PriorGuide(
        [Volume(grid: grid, voxels: Self.field(grid) { $0.x + $0.y > 60 ? 1 : 0 })], grid: grid) : .none
    var pulls = Moments()
    var gain = Moments()
    var widths = Moments()
    var inside = 0
    for seed in 0..<8 {
      let map = try Self.noisy(truth, grid: grid, sigma: 0.15, seed: UInt64(seed))
      let result = try SpatialPrior(map, guide: guide, strength: strength).run(resources: Resources())
      for voxel in truth.indices {
        let pull = Double((result.x[voxel] - truth[voxel]) / result.sigma[voxel])
        pulls.add(pull)
        if abs(pull) < 1.96 { inside += 1 }
        gain.add(Double(map.countingVariance[voxel].squareRoot() / result.sigma[voxel]))
        widths.add(Double(result.resolution[voxel]))
        #expect(result.posteriorSigma[voxel] >= result.sigma[voxel])
      }
    }
    let covered = Double(inside) / Double(pulls.count)
    print(
      "step \(hasStep) \(strength): spread/sigma \(pulls.standardDeviation) mean \(pulls.mean) 95 % \(covered) gain \(gain.mean) resolution \(widths.mean) um"
    )
    // 15 000 voxels, of which neighbours share their noise: the spread is known to about 2 %.
    #expect(abs(pulls.standardDeviation - 1) < 0.03)
    #expect(abs(covered - 0.95) < 0.015)
    #expect(gain.mean > 2)
  }

  /// The evidence knows a truth that does not change from one that does.
  @Test func evidenceFollowsTheTruth() throws {
    let grid = Self.grid
    var lengths: [Double] = []
    for slope in [0, 0.005, 0.02] {
      let truth = Self.field(grid) { 0.3 + slope * $0.x }
      let map = try Self.noisy(truth, grid: grid, sigma: 0.1, seed: 21)
      let prior = try SpatialPrior(map)
      let result = try prior.run(resources: Resources())
      var pulls = Moments()
      var posterior = Moments()
      for voxel in truth.indices {
        pulls.add(Double((result.x[voxel] - truth[voxel]) / result.sigma[voxel]))
        posterior.add(Double((result.x[voxel] - truth[voxel]) / result.posteriorSigma[voxel]))
      }
      print(
        "gradient \(slope) / um: length \(prior.length) um, spread/sigma \(pulls.standardDeviation), over posterior \(posterior.standardDeviation)"
      )
      lengths.append(prior.length)
      #expect(posterior.standardDeviation < 1.3)
    }
    #expect(lengths[0] > lengths[1] && lengths[1] > lengths[2])
  }

  /// A step that no guide shows: sigma alone does not hold it, and the misfit says where.
  @Test func unseenStepIsReported() throws {
    let grid = Grid(shape: Shape(z: 12, y: 12, x: 20), spacing: SIMD3(repeating: 5))
    let truth = Self.field(grid) { $0.x > 50 ? 0.8 : 0.3 }
    let map = try Self.noisy(truth, grid: grid, sigma: 0.1, seed: 5)
    let result = try SpatialPrior(map, strength: .length(8)).run(resources: Resources())
    var near = Moments()
    var far = Moments()
    var biased = Moments()
    for voxel in truth.indices {
      let column = voxel % 20
      if column == 9 || column == 10 {
        near.add(Double(result.misfitScore[voxel]))
        biased.add(Double(abs(result.x[voxel] - truth[voxel]) / result.sigma[voxel]))
      } else if column < 3 || column > 16 {
        far.add(Double(result.misfitScore[voxel]))
      }
    }
    print("unseen step: misfit score near \(near.mean) far \(far.mean) bias/sigma \(biased.mean)")
    #expect(biased.mean > 3)
    #expect(near.mean > 4 && abs(far.mean) < 1.5)
    // The evidence sees the step and makes the prior weaker than for a smooth truth.
    let flat = try Self.noisy(truth.map { _ in 0.5 }, grid: grid, sigma: 0.1, seed: 5)
    let withStep = try SpatialPrior(map)
    let without = try SpatialPrior(flat)
    #expect(withStep.length < 0.3 * without.length)
    #expect(withStep.isCriterionMet)
  }

  /// A truth that is a draw of the prior: the posterior sigma covers it, and the evidence finds its strength.
  @Test func posteriorCoversARoughTruth() throws {
    let grid = Grid(shape: Shape(z: 10, y: 10, x: 10), spacing: SIMD3(repeating: 4))
    // A random walk on the lattice by Gibbs sampling of the field with gradients of 0.03 per um.
    let strength = 1 / (0.03 * 0.03)
    var pulls = Moments()
    var found = Moments()
    for seed in 0..<4 {
      var random = SeededGenerator(seed: UInt64(40 + seed))
      var truth = [Double](repeating: 0.5, count: 1000)
      let shape = grid.shape
      for sweep in 0..<400 {
        for i in truth.indices {
          let (z, y, x) = (i / 100, i / 10 % 10, i % 10)
          var sum = 0.0
          var count = 0.0
          for (dz, dy, dx) in [(0, 0, 1), (0, 0, -1), (0, 1, 0), (0, -1, 0), (1, 0, 0), (-1, 0, 0)] {
            let (a, b, c) = (z + dz, y + dy, x + dx)
            guard a >= 0, b >= 0, c >= 0, a < 10, b < 10, c < 10 else { continue }
            sum += truth[shape.index(z: a, y: b, x: c)]
            count += 1
          }
          let mean = sum / count
          // Over-relaxation carries long waves; every third sweep draws.
          truth[i] =
            sweep % 3 == 0
            ? mean + random.normal() / (strength / 16 * count).squareRoot() : 2 * mean - truth[i]
        }
      }
      let map = try Self.noisy(truth.map { Float($0) }, grid: grid, sigma: 0.1, seed: UInt64(60 + seed))
      let prior = try SpatialPrior(map)
      found.add(prior.strength / strength)
      let result = try prior.run(resources: Resources())
      for voxel in truth.indices {
        pulls.add((Double(result.x[voxel]) - truth[voxel]) / Double(result.posteriorSigma[voxel]))
      }
    }
    print("rough truth: spread/posterior \(pulls.standardDeviation), strength found/true \(found.mean)")
    #expect(abs(pulls.standardDeviation - 1) < 0.06)
    #expect(found.mean > 0.6 && found.mean < 1.7)
  }

  /// Resolution: a single bright voxel is spread as the second moment says.
  @Test func resolutionIsTheWidthOfTheKernel() throws {
    let grid = Grid(shape: Shape(z: 17, y: 17, x: 17), spacing: SIMD3(2, 3, 4))
    var values = [Float](repeating: 0, count: grid.shape.count)
    let center = grid.shape.index(z: 8, y: 8, x: 8)
    let sigma = [Float](repeating: 0.1, count: values.count)
    values[center] = 1
    let map = try NoisyMap(grid: grid, x: values, sigma: sigma)
    let result = try SpatialPrior(map, strength: .length(2)).run(resources: Resources())
    var sum = 0.0
    var moment = 0.0
    let middle = grid.center(z: 8, y: 8, x: 8)
    for i in values.indices {
      let d = grid.center(z: i / 289, y: i / 17 % 17, x: i % 17) - middle
      sum += Double(result.x[i])
      moment += Double(result.x[i]) * (d * d).sum()
    }
    let width = 2.354_820_045 * ((moment / sum + (4.0 + 9 + 16) / 12) / 3).squareRoot()
    #expect(abs(sum - 1) < 0.01)
    #expect(abs(Double(result.resolution[center]) / width - 1) < 0.02)
  }

  @Test func edgesOfTheDomain() throws {
    let one = Grid(shape: Shape(z: 1, y: 1, x: 1), spacing: .one)
    let alone = try SpatialPrior(try NoisyMap(grid: one, x: [0.4], sigma: [0.1])).run(resources: Resources())
    #expect(abs(alone.x[0] - 0.4) < 1e-6 && abs(alone.sigma[0] - 0.1) < 1e-6)
    #expect(abs(alone.resolution[0] - 2.3548 / 12.0.squareRoot().asFloat) < 1e-3)
    let none = try SpatialPrior(try NoisyMap(grid: one, x: [.nan], sigma: [.nan])).run(resources: Resources())
    #expect(none.x[0].isNaN && none.sigma[0].isNaN && none.misfit[0].isNaN)
    for wrong in [PriorStrength.sigma(0), .length(-1), .sigma(.nan)] {
      #expect(throws: VoxelithError.self) {
        try SpatialPrior(try NoisyMap(grid: one, x: [0.4], sigma: [0.1]), strength: wrong)
      }
    }
    let other = Volume<Float>(grid: Grid(unscaled: Shape(z: 1, y: 1, x: 2)), repeating: 0)
    #expect(throws: VoxelithError.self) { try PriorGuide([other], grid: one) }
    #expect(throws: VoxelithError.self) {
      try PriorGuide([Volume<Float>(grid: one, repeating: 0)], grid: one, scales: [0])
    }
  }

  /// Pages leave the process after every row of voxels.
  @Test func sameFromDisk() throws {
    let truth = Self.field(Self.grid) { 0.3 + 0.005 * $0.x }
    let sigma = truth.indices.map { Float(0.1 + 0.01 * Double($0 % 3)) }
    let none = [Float](repeating: 0.003, count: truth.count)
    var generator = SeededGenerator(seed: 8)
    let x = zip(truth, sigma).map { $0 + $1 * Float(generator.normal()) }
    let results = try [.unpaged, WorkingMemory(pagingIn: WorkingMemory.defaultFolder, resident: 1)].map {
      (memory: WorkingMemory) -> DenoisedMap in
      var map = try NoisyMap(grid: Self.grid, in: memory)
      for z in 0..<Self.grid.shape.z {
        let slice = Region(slices: z..<(z + 1), of: Self.grid.shape)
        let voxels = (z * slice.count)..<((z + 1) * slice.count)
        map.paste(
          x: Array(x[voxels]), sigma: Array(sigma[voxels]), sharedSigma: Array(none[voxels]),
          fractionSigma: Array(none[voxels]), information: sigma[voxels].map { 1 / ($0 * $0) }, into: slice)
      }
      let guide = try PriorGuide(
        [Volume(grid: Self.grid, voxels: truth)], grid: Self.grid, scales: nil, noise: 0.01, in: memory)
      return try SpatialPrior(map, guide: guide).run(resources: Resources(threads: 3))
    }
    #expect(results[0].x == results[1].x && results[0].sigma == results[1].sigma)
    #expect(results[0].resolution == results[1].resolution && results[0].misfit == results[1].misfit)
    #expect(results[0].posteriorSigma == results[1].posteriorSigma && results[0].x.allSatisfy(\.isFinite))
  }

  @Test func sameForAnyNumberOfThreads() throws {
    let truth = Self.field(Self.grid) { 0.3 + 0.005 * $0.x }
    let map = try Self.noisy(truth, grid: Self.grid, sigma: 0.1, seed: 2)
    let one = Resources(threads: 1)
    let three = Resources(threads: 3)
    let a = try SpatialPrior(map, strength: .sigma(0.04), resources: one).run(resources: one)
    let b = try SpatialPrior(map, strength: .sigma(0.04), resources: three).run(resources: three)
    #expect(a.x == b.x && a.sigma == b.sigma && a.resolution == b.resolution && a.misfit == b.misfit)
  }
}

extension Double {
  fileprivate var asFloat: Float { Float(self) }
}
