import Chemistry
import Foundation
import TestSupport
import Testing
import Volumetry

/// An edge with a known place: an arctangent step, symmetric about it, and a white line.
struct EdgeTwin {
  var place = 8347.3
  var width = 1.5
  var line = 0.0
  /// Of the white line, after the edge.
  var lineShift = 6.0
  var lineWidth = 2.5
  var jump = 4000.0
  var floor = 1000.0

  static let energies = (0..<281).map { 8270 + 0.7 * Double($0) }

  func value(_ energy: Double) -> Double {
    let t = (energy - place - lineShift) / lineWidth
    return floor + jump * (0.5 + atan((energy - place) / width) / .pi + line * exp(-0.5 * t * t))
  }

  static var axis: EnergyAxis {
    get throws { try EnergyAxis(centers: energies.map { $0 / 1000 }) }
  }
}

@Suite struct EdgeTests {
  /// Poisson twins in a row of voxels, measured; bias in sigmas, and the deviation of the pulls.
  static func pulls(
    _ expected: [Double], truth: Double, options: EdgeOptions, voxels: Int = 3000, seed: UInt64 = 5
  ) throws -> (bias: Double, deviation: Double, mapped: Int, ratio: Double, sigma: Double) {
    var counts: [Float] = []
    var random = SeededGenerator(seed: seed)
    for _ in 0..<voxels { for value in expected { counts.append(Float(random.poisson(value))) } }
    let source = try SpectralVolume(
      grid: Grid(unscaled: Shape(z: 1, y: 1, x: voxels)), energy: try EdgeTwin.axis, counts: counts)
    var sum = [Double](repeating: 0, count: expected.count)
    for (index, value) in counts.enumerated() { sum[index % expected.count] += Double(value) }
    let quantity = try EdgeQuantity(options, energy: source.energy, mean: sum, name: "twin")
    var found: [Double] = []
    let summary = try ChemicalMap(source: source, quantity: quantity).run(resources: Resources(threads: 1)) {
      (_, result) in
      for (value, sigma) in zip(result.values[0], result.sigmas[0]) where value.isFinite {
        found.append((Double(value) - truth) / Double(sigma))
      }
    }
    let mean = found.reduce(0, +) / Double(found.count)
    let square = found.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(found.count - 1)
    return (
      mean, square.squareRoot(), summary.mapped, summary.chiSquaredPerDOF ?? .nan, summary.sigma(0) ?? .nan
    )
  }

  /// The value of the definition itself, without noise.
  static func exact(_ expected: [Double], _ options: EdgeOptions) throws -> Double {
    let quantity = try EdgeQuantity(options, energy: try EdgeTwin.axis, name: "twin")
    var work = quantity.makeWorkspace()
    work.values = expected
    #expect(quantity.measure(&work) == .good)
    return work.results[0]
  }

  static func options(_ measure: EdgeMeasure) -> EdgeOptions {
    var options = EdgeOptions(e0: 8347)
    options.measure = measure
    options.pre = -70 ... -25
    options.post = 40...110
    options.postDegree = 0
    return options
  }

  @Test(arguments: [EdgeMeasure.halfHeight, .derivative, .centroid, .jump, .whiteLine, .whiteLineHeight])
  func errorsHold(_ measure: EdgeMeasure) throws {
    var twin = EdgeTwin()
    // The place of a maximum goes with its bend, whose noise is of second order only where counts are many.
    if measure == .whiteLine || measure == .whiteLineHeight { (twin.line, twin.jump) = (0.6, 16000) }
    let expected = EdgeTwin.energies.map(twin.value)
    let options = Self.options(measure)
    let truth = try Self.exact(expected, options)
    let found = try Self.pulls(expected, truth: truth, options: options)
    #expect(found.mapped > 2990)
    #expect(abs(found.bias) < 0.1, "\(measure) bias \(found.bias)")
    #expect((0.95...1.05).contains(found.deviation), "\(measure) \(found.deviation), sigma \(found.sigma)")
  }

  /// Of few counts the steepness of a voxel's own curve is no measure of its error: held to the mean's it is.
  @Test(
    "errors of places hold where counts are few",
    arguments: [(EdgeMeasure.derivative, 400.0), (.derivative, 1200), (.whiteLine, 4000)])
  func fewCounts(_ measure: EdgeMeasure, _ jump: Double) throws {
    var twin = EdgeTwin(jump: jump, floor: 0.2 * jump)
    if measure == .whiteLine { twin.line = 0.6 }
    let expected = EdgeTwin.energies.map(twin.value)
    let options = Self.options(measure)
    let found = try Self.pulls(
      expected, truth: try Self.exact(expected, options), options: options, voxels: 1500)
    #expect(found.mapped > 1450)
    #expect(abs(found.bias) < 0.1, "\(measure) bias \(found.bias)")
    #expect((0.93...1.08).contains(found.deviation), "\(measure) \(found.deviation), sigma \(found.sigma)")
  }

  /// The definitions against closed forms: a symmetric step has its half height, its greatest slope and its centroid in
  /// one place; a Gaussian on a flat top has its maximum where it is put.
  @Test(arguments: [8346.8, 8347.0, 8347.3])
  func definitionsFindTheClosedForm(_ place: Double) throws {
    let twin = EdgeTwin(place: place)
    let step = EdgeTwin.energies.map { energy in
      // An error function: flat before and after, so that the ranges see no tail.
      twin.floor + twin.jump * (0.5 + 0.5 * erf((energy - place) / 3))
    }
    #expect(abs(try Self.exact(step, Self.options(.halfHeight)) - place) < 0.01)
    #expect(abs(try Self.exact(step, Self.options(.derivative)) - place) < 0.01)
    #expect(abs(try Self.exact(step, Self.options(.centroid)) - place) < 0.01)
    #expect(abs(try Self.exact(step, Self.options(.jump)) - twin.jump) < 0.01 * twin.jump)
    let peaked = EdgeTwin.energies.map { energy in
      let t = (energy - place - 12) / 3
      return twin.floor + twin.jump * (0.5 + 0.5 * erf((energy - place) / 1.5) + exp(-0.5 * t * t))
    }
    #expect(abs(try Self.exact(peaked, Self.options(.whiteLine)) - place - 12) < 0.01)
    #expect(abs(try Self.exact(peaked, Self.options(.whiteLineHeight)) - 2) < 0.03)
  }

  @Test func anEdgeThatIsNotThereIsMasked() throws {
    let quantity = try EdgeQuantity(Self.options(.halfHeight), energy: try EdgeTwin.axis, name: "twin")
    var work = quantity.makeWorkspace()
    work.values = EdgeTwin.energies.map { _ in 1000 }
    #expect(quantity.measure(&work) == .noEdge)
    let axis = try EdgeTwin.axis
    var counts = EdgeTwin.energies.map { Float(EdgeTwin().value($0)) }
    counts += counts
    counts[3] = .nan
    counts[EdgeTwin.energies.count + 3] = -1
    let source = try SpectralVolume(
      grid: Grid(unscaled: Shape(z: 1, y: 1, x: 2)), energy: axis, counts: counts)
    try _ = ChemicalMap(source: source, quantity: quantity).run(resources: Resources(threads: 1)) {
      (_, result) in
      #expect(result.mask == [VoxelReason.notNumbers.rawValue, VoxelReason.negativeCounts.rawValue])
      #expect(result.values[0].allSatisfy { $0.isNaN })
    }
  }

  @Test func rangesThatCannotBeAreRefused() throws {
    let axis = try EdgeTwin.axis
    func refused(_ change: (inout EdgeOptions) -> Void) -> Bool {
      var options = Self.options(.halfHeight)
      change(&options)
      return (try? EdgeQuantity(options, energy: axis, name: "twin")) == nil
    }
    #expect(refused { $0.e0 = 9000 })
    #expect(refused { $0.pre = -200 ... -150 })
    #expect(refused { $0.post = 500...600 })
    #expect(refused { $0.post = -60 ... -30 })
    #expect(refused { $0.smoothing = 0.5 })
  }
}
