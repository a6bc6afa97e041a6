import Chemistry
import Foundation
import TestSupport
import Testing
import Volumetry

@Suite struct LineTests {
  static let energies = (0..<300).map { 820 + 0.25 * Double($0) }

  /// L3 and L2 on a falling line.
  static func value(_ energy: Double) -> Double {
    func line(_ place: Double, _ height: Double) -> Double {
      let t = (energy - place) / 1.2
      return height * exp(-0.5 * t * t)
    }
    return 300 - 2 * (energy - 820) + line(845.13, 900) + line(862.4, 400)
  }

  static let unit = 1.2 * (2 * Double.pi).squareRoot()

  static func options(_ measure: LineMeasure) -> LineOptions {
    var options = LineOptions(window: 838...852, background: [822...836, 872...890])
    options.measure = measure
    options.secondWindow = measure == .ratio ? 855...869 : nil
    options.reference = 845
    return options
  }

  @Test(arguments: LineMeasure.allCases)
  func errorsHold(_ measure: LineMeasure) throws {
    let truth =
      switch measure {
      case .area: 900 * Self.unit
      case .centroid: 845.13
      case .shift: 0.13
      case .ratio: 2.25
      }
    let axis = try EnergyAxis(centers: Self.energies.map { $0 / 1000 })
    let voxels = 3000
    var random = SeededGenerator(seed: 3)
    var counts: [Float] = []
    for _ in 0..<voxels {
      for energy in Self.energies { counts.append(Float(random.poisson(Self.value(energy)))) }
    }
    let source = try SpectralVolume(
      grid: Grid(unscaled: Shape(z: 3, y: 10, x: 100)), energy: axis, counts: counts)
    let quantity = try LineQuantity(Self.options(measure), energy: axis, name: "twin")
    var pulls: [Double] = []
    let summary = try ChemicalMap(source: source, quantity: quantity).run(resources: Resources(threads: 2)) {
      (_, result) in
      for (value, sigma) in zip(result.values[0], result.sigmas[0]) {
        pulls.append((Double(value) - truth) / Double(sigma))
      }
    }
    let mean = pulls.reduce(0, +) / Double(voxels)
    let deviation = (pulls.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(voxels - 1)).squareRoot()
    #expect(abs(mean) < 0.1, "\(measure) \(mean)")
    #expect((0.95...1.05).contains(deviation), "\(measure) \(deviation)")
    #expect(abs((summary.chiSquaredPerDOF ?? 0) - 1) < 0.02)
  }

  @Test func windowsThatCannotBeAreRefused() throws {
    let axis = try EnergyAxis(centers: Self.energies.map { $0 / 1000 })
    func refused(_ options: LineOptions) -> Bool {
      (try? LineQuantity(options, energy: axis, name: "twin")) == nil
    }
    #expect(refused(LineOptions(window: 838...852, background: [])))
    #expect(refused(LineOptions(window: 838...852, background: [830...840])))
    #expect(refused(LineOptions(window: 100...200, background: [830...836])))
    var ratio = LineOptions(window: 838...852, background: [822...836])
    ratio.measure = .ratio
    #expect(refused(ratio))
  }
}
