import Foundation
import TestSupport
import Testing
import Transport
import Volumetry

@Suite struct DiffusivityTests {
  static let times = [0.0, 2000, 4000, 6000, 8000, 10_000]

  static func grid(_ twin: SpreadingLithium) -> Grid {
    Grid(
      shape: Shape(z: twin.shape.z, y: twin.shape.y, x: twin.shape.x),
      spacing: SIMD3(twin.spacing.x, twin.spacing.y, twin.spacing.z))
  }

  /// Waves of random direction and phase about a mean.
  static func waves(seed: UInt64, amplitude: Double) -> @Sendable (Double, Double, Double) -> Double {
    var random = SeededGenerator(seed: seed, stream: 7)
    let list = (0..<12).map { _ in
      (
        .pi * (2 * random.uniform() - 1), 3 * .pi * (2 * random.uniform() - 1),
        3 * .pi * (2 * random.uniform() - 1), 2 * .pi * random.uniform()
      )
    }
    let size = amplitude * (2.0 / 12).squareRoot()
    return { z, y, x in
      list.reduce(0.75) { $0 + size * cos($1.0 * z + $1.1 * y + $1.2 * x + $1.3) }
    }
  }

  static func states(
    _ maps: [[Double]], times: [Double] = Self.times, sigma: Double, common: Double = 0, seed: UInt64
  ) -> [OperandoState] {
    maps.enumerated().map { index, map in
      var random = SeededGenerator(seed: seed, stream: UInt64(index + 100))
      let offset = common * random.normal()
      return OperandoState(
        seconds: times[index], x: map.map { Float($0 + offset + sigma * random.normal()) },
        sigma: [Float](repeating: Float(sigma), count: map.count), commonSigma: common)
    }
  }

  /// Errors that differ tenfold from voxel to voxel and that each voxel takes from its own noisy counts, as maps have them: the fit lies
  /// on the maps' own mean.
  @Test func errorsThatFollowTheirVoxelsDoNotPullTheFit() throws {
    var twin = SpreadingLithium()
    twin.diffusivity = (2.4, 2.4, 2.4)
    twin.start = Self.waves(seed: 5, amplitude: 0.1)
    let maps = twin.maps(at: Self.times)
    let count = Soak.count(short: 3, long: 20)
    var pulls = Moments()
    for seed in 1...UInt64(count) {
      var spread = SeededGenerator(seed: seed, stream: 3)
      let own = maps[0].map { _ in 0.04 * pow(12, spread.uniform()) }
      let states = maps.enumerated().map { index, map -> OperandoState in
        var random = SeededGenerator(seed: seed, stream: UInt64(index + 50))
        var (x, sigma): ([Float], [Float]) = ([], [])
        for voxel in map.indices {
          let error = own[voxel] * random.normal()
          x.append(Float(map[voxel] + error))
          // A voxel that came out high says that it is known worse.
          sigma.append(Float(own[voxel] * exp(0.35 * error)))
        }
        return OperandoState(seconds: Self.times[index], x: x, sigma: sigma, commonSigma: 0)
      }
      let fit = try DiffusivityFit(
        grid: Self.grid(twin), states: states, model: DiffusionModel(), resources: Resources())
      let depth = try #require(fit.regions[0].values["depth"])
      if let value = depth.value, let sigma = depth.sigma { pulls.add((value - 2.4) / sigma) }
      #expect(fit.test.verdict != .notDescribed)
    }
    #expect(pulls.count == count)
    #expect(abs(pulls.mean) < 1.5 && pulls.standardDeviation < 2)
  }

  /// Maps of directional and isotropic pores: the 95 % intervals of depth, plane, ratio and exchange hold the truth, and the ratio is right.
  @Test(arguments: [("directional", 3.5, 1.2), ("isotropic", 2.4, 2.4)])
  func coverage(_ name: String, _ depth: Double, _ plane: Double) throws {
    let count = Soak.count(short: 4, long: 20)
    var held = 0
    var asked = 0
    var pulls: [String: [Double]] = [:]
    var worst = 0.0
    var lackOfFit = 0
    for seed in 1...UInt64(count) {
      var twin = SpreadingLithium()
      twin.diffusivity = (depth, plane, plane)
      twin.start = Self.waves(seed: seed, amplitude: 0.1)
      let states = Self.states(
        twin.maps(at: Self.times), sigma: 0.05, common: 0.005, seed: seed)
      // All axes apart, and every other time the plane as one.
      var model = DiffusionModel()
      if seed % 2 == 0 { model.directions = .axial }
      let fit = try DiffusivityFit(
        grid: Self.grid(twin), states: states, model: model, resources: Resources())
      let region = fit.regions[0]
      let truths = ["depth": depth, "plane": plane, "plane_over_depth": plane / depth]
      for (key, truth) in truths {
        let value = try #require(region.values[key])
        held += value.holds(truth) == true ? 1 : 0
        asked += 1
        if let number = value.value, let sigma = value.sigma {
          pulls[key, default: []].append(log(number / truth) / (sigma / number))
        }
      }
      let exchange = try #require(fit.exchange)
      held += exchange.holds(0.05) == true ? 1 : 0
      asked += 1
      worst = max(worst, abs((region.values["plane_over_depth"]?.value ?? .nan) / (plane / depth) - 1))
      lackOfFit += fit.test.verdict == .notDescribed ? 1 : 0
    }
    for (key, list) in pulls.sorted(by: { $0.key < $1.key }) {
      let mean = list.reduce(0, +) / Double(list.count)
      let spread = (list.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, list.count - 1)))
        .squareRoot()
      print("\(name) \(key): error over sigma \(mean) +- \(spread)")
    }
    print(
      "\(name): \(held) of \(asked) intervals hold the truth, ratio within \(worst), not described \(lackOfFit)"
    )
    #expect(Double(held) >= 0.9 * Double(asked) - 1)
    if Soak.isLong { #expect(Double(held) <= 0.985 * Double(asked) + 1) }
    #expect(lackOfFit == 0)
  }
}
