import Chemistry
import Foundation
import TestSupport
import Testing
import Volumetry

@Suite struct CombinationTests {
  static let references: [ReferenceSpectrum] = {
    let energies = (0..<401).map { 8200 + Double($0) }
    return [("ni2", 8345.0), ("ni3", 8347.0), ("ni4", 8349.5)].compactMap { name, place in
      guard let axis = try? EnergyAxis(centers: energies.map { $0 / 1000 }) else { return nil }
      let twin = EdgeTwin(place: place, width: 1.2, line: 0.5, jump: 1, floor: 0.1)
      return ReferenceSpectrum(name: name, energy: axis, values: energies.map(twin.value))
    }
  }()

  private func expected(_ amounts: [Double]) throws -> [Double] {
    let energies = EdgeTwin.energies
    return energies.map { energy in
      zip(amounts, Self.references).reduce(0) { sum, pair in
        let place = Int(energy - 8200)
        let part = energy - 8200 - Double(place)
        let values = pair.1.values
        return sum + pair.0 * (values[place] + part * (values[place + 1] - values[place]))
      }
    }
  }

  @Test(arguments: [CombinationMeasure.fraction, .amount])
  func errorsHold(_ measure: CombinationMeasure) throws {
    let amounts = [900.0, 1500, 600]
    let mean = try expected(amounts)
    let voxels = 2500
    var random = SeededGenerator(seed: 8)
    var counts: [Float] = []
    for _ in 0..<voxels { for value in mean { counts.append(Float(random.poisson(value))) } }
    let source = try SpectralVolume(
      grid: Grid(unscaled: Shape(z: 1, y: 50, x: 50)), energy: try EdgeTwin.axis, counts: counts)
    let quantity = try CombinationQuantity(
      Self.references, measure: measure, noise: .counts, energy: source.energy, name: "twin")
    let sum = amounts.reduce(0, +)
    let truth = measure == .fraction ? amounts.map { $0 / sum } : amounts
    var pulls = [[Double]](repeating: [], count: 3)
    var covariance = 0.0
    var product = 0.0
    let summary = try ChemicalMap(source: source, quantity: quantity).run(resources: Resources(threads: 2)) {
      (_, result) in
      for k in 0..<3 {
        for (value, sigma) in zip(result.values[k], result.sigmas[k]) {
          pulls[k].append((Double(value) - truth[k]) / Double(sigma))
        }
      }
      for voxel in result.mask.indices {
        covariance += Double(result.extras[2][voxel])
        product += (Double(result.values[0][voxel]) - truth[0]) * (Double(result.values[1][voxel]) - truth[1])
      }
    }
    #expect(summary.mapped == voxels)
    for pull in pulls {
      let mean = pull.reduce(0, +) / Double(voxels)
      let deviation = (pull.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(voxels - 1)).squareRoot()
      #expect(abs(mean) < 0.1)
      #expect((0.95...1.05).contains(deviation))
    }
    #expect(abs(product / covariance - 1) < 0.15)
    #expect(abs((summary.chiSquaredPerDOF ?? 0) - 1) < 0.02)
    let misfit = try #require(quantity.misfit(of: summary))
    #expect(misfit.isDescribed)
  }

  @Test func whatReferencesDoNotDescribeIsTold() throws {
    var mean = try expected([3000, 0, 0])
    for bin in 100..<120 { mean[bin] *= 1.5 }
    let source = try SpectralVolume(
      grid: Grid(unscaled: Shape(z: 1, y: 1, x: 1)), energy: try EdgeTwin.axis, counts: mean.map { Float($0) }
    )
    let quantity = try CombinationQuantity(
      Self.references, measure: .fraction, noise: .counts, energy: source.energy, name: "twin")
    let summary = try ChemicalMap(source: source, quantity: quantity).run(resources: Resources(threads: 1)) {
      (_, result) in
      #expect(result.mask == [VoxelReason.notDescribed.rawValue] && result.values[0][0].isFinite)
    }
    let misfit = try #require(quantity.misfit(of: summary))
    #expect(!misfit.isDescribed)
  }

  @Test func anAbsentReferenceIsZeroWithAnError() throws {
    let quantity = try CombinationQuantity(
      Self.references, measure: .amount, noise: .known(1), energy: try EdgeTwin.axis, name: "twin")
    var work = quantity.makeWorkspace()
    let mean = try expected([100, 50, 0])
    work.values = mean.indices.map {
      mean[$0] - 2 * Self.references[2].values[Int(EdgeTwin.energies[$0] - 8200)]
    }
    #expect(quantity.measure(&work).hasValue)
    #expect(work.results[2] == 0 && work.sigmas[2] > 0 && work.results.allSatisfy { $0 >= 0 })
  }

  @Test func referencesMustSpanAndDiffer() throws {
    let axis = try EdgeTwin.axis
    let first = Self.references[0]
    let short = ReferenceSpectrum(
      name: "short", energy: try EnergyAxis(centers: [8.3, 8.4]), values: [0, 1])
    func error(_ references: [ReferenceSpectrum]) -> VoxelithError? {
      do throws(VoxelithError) {
        _ = try CombinationQuantity(
          references, measure: .fraction, noise: .counts, energy: axis, name: "twin")
        return nil
      } catch { return error }
    }
    #expect(error([first, short])?.message.contains("does not span") == true)
    let again = ReferenceSpectrum(name: "again", energy: first.energy, values: first.values)
    #expect(error([first, again])?.message.contains("depend on each other") == true)
    #expect(error([])?.code == .usage)
  }
}
