import Chemistry
import Testing
import Volumetry

@Suite struct CompositionTests {
  @Test func countsBecomeFractionsWithMultinomialErrors() throws {
    let quantity = try CompositionQuantity(
      ["Li", "O", "Ni"], weights: [[1, 0, 0], [0, 1, 0], [0, 0, 1]], bins: 3)
    var work = quantity.makeWorkspace()
    work.values = [25, 50, 25]
    #expect(quantity.measure(&work) == .good)
    #expect(work.results == [0.25, 0.5, 0.25])
    #expect(
      abs(work.sigmas[1] - 0.05) < 1e-12 && abs(work.sigmas[0] - (0.25 * 0.75 / 100).squareRoot()) < 1e-12)
    work.values = [0, 60, 40]
    #expect(quantity.measure(&work) == .good && work.results[0] == 0 && work.sigmas[0] == 0.01)
    work.values = [0, 0, 0]
    #expect(quantity.measure(&work) == .noSignal)
  }

  /// Compound ions and a background: the error is that of repeated draws.
  @Test func errorsHoldWithCompoundIonsAndBackground() throws {
    // Bins: Li, O2, NiO, background of twice the width of each.
    let weights: [[Double]] = [[1, 0, 0, -0.5], [0, 2, 1, -1.5], [0, 0, 1, -0.5]]
    let quantity = try CompositionQuantity(["Li", "O", "Ni"], weights: weights, bins: 4)
    let net = [400.0, 300, 200]
    let means = [420.0, 320, 220, 40]
    let truth = [net[0], 2 * net[1] + net[2], net[2]]
    let total = truth.reduce(0, +)
    var random = SeededGenerator(seed: 4)
    var sums = [Double](repeating: 0, count: 3)
    var squares = sums
    let voxels = 4000
    var work = quantity.makeWorkspace()
    for _ in 0..<voxels {
      work.values = means.map { Double(random.poisson($0)) }
      #expect(quantity.measure(&work) == .good)
      for k in 0..<3 {
        let pull = (work.results[k] - truth[k] / total) / work.sigmas[k]
        sums[k] += pull
        squares[k] += pull * pull
      }
    }
    for k in 0..<3 {
      let mean = sums[k] / Double(voxels)
      #expect(abs(mean) < 0.1)
      #expect((0.95...1.05).contains((squares[k] / Double(voxels) - mean * mean).squareRoot()))
    }
  }

  @Test func windowsOfASpectrum() throws {
    let axis = EnergyAxis(first: 0.1, width: 0.01, count: 60)
    let quantity = try CompositionQuantity(
      [("a", 195...225), ("b", 395...405)], background: [295...345], energy: axis, name: "twin")
    var work = quantity.makeWorkspace()
    work.values = (0..<60).map { _ in 2 }
    for bin in 10...12 { work.values[bin] = 12 }
    work.values[30] = 12
    #expect(quantity.measure(&work) == .good)
    #expect(abs(work.results[0] - 0.75) < 1e-9 && abs(work.results[1] - 0.25) < 1e-9)
    #expect(throws: VoxelithError.self) {
      try CompositionQuantity(
        [("a", 195...225), ("b", 220...405)], background: [], energy: axis, name: "twin")
    }
    #expect(throws: VoxelithError.self) {
      try CompositionQuantity([("a", 195...225)], background: [], energy: axis, name: "twin")
    }
  }
}
