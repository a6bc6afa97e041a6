import Chemistry
import Foundation
import Testing
import Volumetry

@Suite struct GradientTests {
  private func run(
    _ values: Volume<Float>, _ sigmas: Volume<Float>, threads: Int = 1, memory: Int = 1 << 30
  ) throws -> [[Float]] {
    var all = [[Float]](repeating: [], count: 6)
    var resources = Resources(threads: threads)
    resources.memory = memory
    try GradientField(values: values, sigmas: sigmas).run(resources: resources) { (_, result) in
      for axis in 0..<3 {
        all[axis] += result.gradient[axis]
        all[3 + axis] += result.sigma[axis]
      }
    }
    return all
  }

  @Test func aPlaneHasItsSlopesAndErrorsHold() throws {
    let grid = Grid(shape: Shape(z: 12, y: 14, x: 16), spacing: SIMD3(0.5, 1, 2))
    var random = SeededGenerator(seed: 2)
    var plane: [Float] = []
    var noisy: [Float] = []
    for z in 0..<12 {
      for y in 0..<14 {
        for x in 0..<16 {
          let value = 3 + 0.4 * grid.center(z: z, y: y, x: x).x - 0.2 * Double(y) + 0.05 * 2 * Double(z)
          plane.append(Float(value))
          noisy.append(Float(value + 0.1 * random.normal()))
        }
      }
    }
    let sigma = Volume<Float>(grid: grid, repeating: 0.1)
    let exact = try run(Volume(grid: grid, voxels: plane), sigma)
    for (axis, slope) in [0.4, -0.2, 0.05].enumerated() {
      #expect(exact[axis].allSatisfy { abs(Double($0) - slope) < 1e-4 })
    }
    let found = try run(Volume(grid: grid, voxels: noisy), sigma)
    for (axis, slope) in [0.4, -0.2, 0.05].enumerated() {
      let pulls = zip(found[axis], found[3 + axis]).map { (Double($0) - slope) / Double($1) }
      let square = pulls.reduce(0) { $0 + $1 * $1 } / Double(pulls.count)
      // Neighbours share values: the effective number is about a ninth.
      #expect(abs(square.squareRoot() - 1) < 0.1)
    }
    #expect(try run(Volume(grid: grid, voxels: noisy), sigma, threads: 3, memory: 1 << 20) == found)
  }

  @Test func oneSliceHasNoGradientAlongZAndMissingVoxelsDoNotCount() throws {
    let grid = Grid(shape: Shape(z: 1, y: 4, x: 5), spacing: SIMD3(1, 1, 1))
    var values = (0..<20).map { Float($0 % 5) }
    values[7] = .nan
    let found = try run(
      Volume(grid: grid, voxels: values), Volume<Float>(grid: grid, repeating: 1))
    #expect(found[2].allSatisfy { $0.isNaN } && found[0][7].isNaN)
    #expect(abs(found[0][0] - 1) < 1e-5 && abs(found[0][8] - 1) < 1e-5 && abs(found[1][8]) < 1e-5)
  }
}
