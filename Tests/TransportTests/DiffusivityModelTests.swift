import Foundation
import TestSupport
import Testing
import Transport
import Volumetry

/// Kinds of boundary and of diffusivity against truths made otherwise, and what the maps cannot tell.
@Suite struct DiffusivityModelTests {
  static let times = DiffusivityTests.times

  static func twin(_ change: (inout SpreadingLithium) -> Void = { _ in }) -> SpreadingLithium {
    var twin = SpreadingLithium()
    twin.shape = (12, 10, 10)
    twin.spacing = (20, 50, 50)
    twin.start = { z, y, x in 0.7 + 0.1 * cos(2 * .pi * y) + 0.1 * cos(.pi * x) + 0.05 * cos(.pi * z) }
    change(&twin)
    return twin
  }

  static func fit(
    _ twin: SpreadingLithium, sigma: Double = 0.002, seed: UInt64 = 1, resources: Resources = Resources(),
    _ change: (inout DiffusionModel) -> Void = { _ in }
  ) throws -> DiffusivityFit {
    var model = DiffusionModel()
    model.directions = .axial
    change(&model)
    return try DiffusivityFit(
      grid: DiffusivityTests.grid(twin),
      states: DiffusivityTests.states(twin.maps(at: times), sigma: sigma, seed: seed), model: model,
      resources: resources)
  }

  static func near(_ value: UncertainValue?, _ truth: Double, within part: Double) -> Bool {
    guard let number = value?.value, let sigma = value?.sigma else { return false }
    return abs(number / truth - 1) < part && abs(number - truth) < 4 * sigma + 0.004 * truth
  }

  @Test func exchange() throws {
    let fit = try Self.fit(Self.twin())
    let region = fit.regions[0]
    #expect(Self.near(region.values["depth"], 3.5, within: 0.01))
    #expect(Self.near(region.values["plane"], 1.2, within: 0.01))
    #expect(Self.near(fit.exchange, 0.05, within: 0.02))
    #expect(abs((fit.boundary[0].value ?? 0) - 0.3) < 0.005)
    #expect(fit.test.verdict == .described)
  }

  /// A very fast exchange: a fixed x at the face, given or not.
  @Test(arguments: [nil, 0.3]) func concentration(_ known: Double?) throws {
    let twin = Self.twin {
      $0.exchange = 1e3
      $0.fine = 3
    }
    let fit = try Self.fit(twin) {
      $0.boundary = .concentration
      if let known { $0.boundaryX = [known] }
    }
    #expect(Self.near(fit.regions[0].values["depth"], 3.5, within: 0.01))
    #expect(Self.near(fit.regions[0].values["plane"], 1.2, within: 0.015))
    #expect(fit.exchange == nil && fit.test.verdict == .described)
    // The exchange that is left to be found is only said to be fast.
    let free = try Self.fit(twin, sigma: 0.02)
    #expect(free.exchange?.value == nil && free.exchange?.reason?.contains("faster") == true)
    #expect(Self.near(free.regions[0].values["depth"], 3.5, within: 0.1))
  }

  /// A current that is not known, and one that is.
  @Test(arguments: [false, true]) func flux(_ isKnown: Bool) throws {
    let twin = Self.twin {
      $0.exchange = 0
      $0.rate = -3e-5
    }
    let fit = try Self.fit(twin) {
      $0.boundary = .flux
      if isKnown { $0.rates = [-3e-5] }
    }
    #expect(Self.near(fit.regions[0].values["depth"], 3.5, within: 0.01))
    #expect(Self.near(fit.regions[0].values["plane"], 1.2, within: 0.01))
    #expect(fit.boundary.count == (isKnown ? 1 : 5))
    for rate in fit.boundary { #expect(abs((rate.value ?? 0) / -3e-5 - 1) < 0.02) }
    #expect(fit.test.verdict == .described)
  }

  /// Nothing passes: patterns fade all the same.
  @Test func closed() throws {
    let fit = try Self.fit(Self.twin { $0.exchange = 0 }) {
      $0.boundary = .closed
      $0.directions = .diagonal
    }
    for (axis, truth) in [("z", 3.5), ("y", 1.2), ("x", 1.2)] {
      #expect(Self.near(fit.regions[0].values[axis], truth, within: 0.02))
    }
    #expect(fit.boundary.isEmpty && fit.test.verdict == .described)
  }

  /// Turned over, the same problem gives the same numbers.
  @Test func upperFace() throws {
    let twin = Self.twin()
    let states = DiffusivityTests.states(twin.maps(at: Self.times), sigma: 0.02, seed: 4)
    let slice = twin.shape.y * twin.shape.x
    let turned = states.map { state in
      var other = state
      for z in 0..<twin.shape.z {
        let from = (twin.shape.z - 1 - z) * slice
        other.x.replaceSubrange((z * slice)..<((z + 1) * slice), with: state.x[from..<(from + slice)])
      }
      return other
    }
    var model = DiffusionModel()
    let plain = try DiffusivityFit(
      grid: DiffusivityTests.grid(twin), states: states, model: model, resources: Resources())
    model.face = .upper
    let other = try DiffusivityFit(
      grid: DiffusivityTests.grid(twin), states: turned, model: model, resources: Resources())
    for name in ["depth", "plane"] {
      let (a, b) = (try #require(plain.regions[0].values[name]), try #require(other.regions[0].values[name]))
      #expect(abs((a.value ?? 0) / (b.value ?? 1) - 1) < 1e-4)
      #expect(abs((a.sigma ?? 0) / (b.sigma ?? 1) - 1) < 1e-3)
    }
  }

  /// All six elements, with nothing through the sides, from the explicit scheme with flows across.
  @Test func tensor() throws {
    let truth = [[1.5, 0.4, -0.5], [0.4, 1.2, 0.6], [-0.5, 0.6, 3.0]]
    let twin = Self.twin {
      $0.spacing = (25, 30, 30)
      $0.diffusivity = (3, 1.2, 1.5)
      $0.cross = (zy: 0.6, zx: -0.5, yx: 0.4)
      $0.start = { z, y, x in
        0.6 + 0.12 * cos(2 * .pi * y) * cos(.pi * x) + 0.12 * cos(.pi * z) * cos(.pi * x)
          + 0.12 * cos(.pi * z) * cos(.pi * y) + 0.1 * sin(.pi * x) + 0.1 * sin(.pi * y)
      }
    }
    let fit = try Self.fit(twin, sigma: 0.005) { $0.directions = .tensor }
    let (found, sigma) = (try #require(fit.regions[0].tensor), try #require(fit.regions[0].tensorSigma))
    for i in 0..<3 {
      for j in 0..<3 { #expect(abs(found[i][j] - truth[i][j]) < 3.5 * sigma[i][j] + 0.01 * truth[i][i]) }
      #expect(sigma[i][i] < 0.05 * truth[i][i])
    }
    #expect(fit.test.verdict == .described)
    #expect(Self.near(fit.regions[0].values["plane_over_depth"], 0.45, within: 0.1))
  }

  /// Two layers, the deeper one three times as fast.
  @Test func layers() throws {
    let twin = Self.twin { $0.factor = { z, _ in z < 0.5 ? 1 : 3 } }
    let states = DiffusivityTests.states(twin.maps(at: Self.times), sigma: 0.002, seed: 3)
    let half = twin.count / 2
    let fit = try DiffusivityFit(
      grid: DiffusivityTests.grid(twin), states: states, regions: (0..<twin.count).map { $0 < half ? 1 : 2 },
      resources: Resources())
    #expect(fit.regions.map(\.number) == [1, 2] && fit.regions.map(\.voxels) == [half, half])
    #expect(Self.near(fit.regions[0].values["depth"], 3.5, within: 0.05))
    #expect(Self.near(fit.regions[1].values["plane"], 3.6, within: 0.08))
    #expect(Self.near(fit.regions[0].values["plane"], 1.2, within: 0.08))
  }

  /// Without gradients in the plane there is no diffusivity in it, however good the maps are.
  @Test(arguments: 1...6) func nothingInThePlane(_ seed: UInt64) throws {
    let fit = try Self.fit(Self.twin { $0.start = { _, _, _ in 0.8 } }, sigma: 0.02, seed: seed)
    let region = fit.regions[0]
    #expect(region.values["plane"]?.value == nil)
    #expect(region.values["plane"]?.reason?.contains("across z") == true)
    #expect(region.values["plane_over_depth"]?.value == nil)
    #expect(Self.near(region.values["depth"], 3.5, within: 0.15))
  }

  /// Maps that do not change tell nothing.
  @Test func nothingChanges() throws {
    let fit = try Self.fit(
      Self.twin {
        $0.start = { _, _, _ in 0.8 }
        $0.exchange = 0
      }, sigma: 0.02)
    for value in fit.regions[0].values.values { #expect(value.value == nil && value.reason != nil) }
  }

  /// x outside that is changed on the way is not described by one number, and is by one for each interval.
  @Test func notDescribed() throws {
    let twin = Self.twin { $0.outside = { $0 < 4000 ? 0.3 : 0.7 } }
    let one = try Self.fit(twin, sigma: 0.03)
    #expect(one.test.verdict == .notDescribed && one.test.depthProbability < 1e-4)
    let each = try Self.fit(twin, sigma: 0.03) { $0.changesEachInterval = true }
    #expect(each.test.verdict == .described)
    #expect(Self.near(each.regions[0].values["depth"], 3.5, within: 0.15))
    // A diffusivity that falls to a fifth with x is none of this model.
    let curved = Self.twin { $0.factor = { _, x in max(0.2, min(2, 3 - 3.5 * x)) } }
    #expect(try Self.fit(curved, sigma: 0.01).test.verdict == .notDescribed)
  }

  /// Voxels without a value, single ones and whole columns, leave no trace but wider errors.
  @Test func missingVoxels() throws {
    let twin = Self.twin()
    var states = DiffusivityTests.states(twin.maps(at: Self.times), sigma: 0.02, seed: 8)
    let grid = DiffusivityTests.grid(twin)
    let whole = try DiffusivityFit(grid: grid, states: states, resources: Resources())
    var random = SeededGenerator(seed: 9)
    for index in states.indices {
      for voxel in states[index].x.indices where random.uniform() < 0.15 || voxel % 100 == 37 {
        states[index].x[voxel] = .nan
      }
    }
    let part = try DiffusivityFit(grid: grid, states: states, resources: Resources())
    for name in ["depth", "plane"] {
      let truth = name == "depth" ? 3.5 : 1.2
      #expect(Self.near(part.regions[0].values[name], truth, within: 0.12))
      #expect((part.regions[0].values[name]?.sigma ?? 0) > (whole.regions[0].values[name]?.sigma ?? 1))
    }
    #expect(part.model[0][37].isNaN && part.model[0][36].isFinite)
  }

  /// One voxel wide: a profile, and no plane.
  @Test func column() throws {
    var twin = Self.twin { $0.start = { z, _, _ in 0.8 + 0.05 * cos(.pi * z) } }
    twin.shape = (16, 1, 1)
    let fit = try Self.fit(twin, sigma: 0.002)
    #expect(Self.near(fit.regions[0].values["depth"], 3.5, within: 0.1))
    #expect(fit.regions[0].values["plane"]?.reason?.contains("one voxel wide") == true)
  }

  /// Noise from voxel to voxel that no error tells of is found, and added.
  @Test func roughness() throws {
    let twin = Self.twin()
    var states = DiffusivityTests.states(twin.maps(at: Self.times), sigma: 0.04, seed: 5)
    for index in states.indices { states[index].sigma = states[index].sigma.map { $0 / 2 } }
    let fit = try DiffusivityFit(grid: DiffusivityTests.grid(twin), states: states, resources: Resources())
    for rough in fit.test.roughness { #expect(abs(rough - 0.04 * 0.75.squareRoot()) < 0.003) }
    #expect(fit.test.verdict == .described)
    #expect(Self.near(fit.regions[0].values["depth"], 3.5, within: 0.2))
  }

  @Test func threads() throws {
    let twin = Self.twin { $0.shape = (8, 6, 6) }
    let one = try Self.fit(twin, sigma: 0.02, resources: Resources(threads: 1))
    let three = try Self.fit(twin, sigma: 0.02, resources: Resources(threads: 3))
    #expect(one.regions[0].values == three.regions[0].values && one.exchange == three.exchange)
    #expect(one.model == three.model && one.test == three.test)
  }

  @Test func refusals() throws {
    let twin = Self.twin { $0.shape = (8, 6, 6) }
    let grid = DiffusivityTests.grid(twin)
    let states = DiffusivityTests.states(twin.maps(at: Self.times), sigma: 0.02, seed: 1)
    func code(_ states: [OperandoState], _ change: (inout DiffusionModel) -> Void = { _ in }) -> VoxelithError
      .Code?
    {
      var model = DiffusionModel()
      change(&model)
      do {
        _ = try DiffusivityFit(grid: grid, states: states, model: model, resources: Resources())
        return nil
      } catch { return error.code }
    }
    #expect(code([states[0]]) == .usage)
    #expect(code([states[1], states[0]]) == .usage)
    #expect(code(states) { $0.boundaryX = [0.3, 0.4] } == .usage)
    var empty = states
    empty[2].x = [Float](repeating: .nan, count: grid.shape.count)
    #expect(code(empty) == .data)
    var short = states
    short[0].x.removeLast()
    #expect(code(short) == .data)
  }
}
