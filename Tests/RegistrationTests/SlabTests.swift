import Foundation
import Registration
import TestSupport
import Testing
import Volumetry

@Suite("Slabs of a few slices") struct SlabTests {
  private struct Pair {
    var error: Double
    var expected: Double
    /// Errors of turns about x, y, z and of shifts along them, in units of their own.
    var deviations: [Double]
  }

  private func align(seed: UInt64, fixed slices: Int, moving other: Int, noise: Double) throws -> Pair {
    var random = SeededGenerator(seed: seed, stream: 72)
    let object = Waves(seed: seed)
    let fixedGrid = Grid(shape: Shape(z: slices, y: 52, x: 48), spacing: .one)
    let movingGrid = Grid(shape: Shape(z: other, y: 48, x: 52), spacing: .one)
    let turn = SIMD3(0.01 * random.normal(), 0.01 * random.normal(), 0.1 * (random.uniform() - 0.5))
    let shift = SIMD3(5 * random.uniform() - 2.5, 5 * random.uniform() - 2.5, 1.2 * random.uniform() - 0.6)
    let truth = SpatialTransform(
      rotationVector: turn, translation: movingGrid.middle - fixedGrid.middle + shift, about: fixedGrid.middle
    )
    func seen(_ grid: Grid, _ place: (SIMD3<Double>) -> SIMD3<Double>) -> Volume<Float> {
      var voxels: [Float] = []
      for z in 0..<grid.shape.z {
        for y in 0..<grid.shape.y {
          for x in 0..<grid.shape.x {
            voxels.append(Float(object(place(grid.center(z: z, y: y, x: x))) + noise * random.normal()))
          }
        }
      }
      return Volume(grid: grid, voxels: voxels)
    }
    let result = try VolumeRegistration.align(
      moving: seen(movingGrid) { $0 }, to: seen(fixedGrid) { truth($0) },
      options: RegistrationOptions(maximumAngle: 10))
    let found = result.transform
    // The error as a turn and a shift about the point that the covariance is of.
    let center = result.parameters.center
    let back = try truth.inverted()
    let rest = { (p: SIMD3<Double>) in found(back(p)) - p }
    let moved = rest(center)
    let x = rest(center + SIMD3(1, 0, 0)) - moved
    let y = rest(center + SIMD3(0, 1, 0)) - moved
    let errors = [y.z, -x.z, x.y, moved.x, moved.y, moved.z]
    return Pair(
      error: found.meanError(against: truth, over: fixedGrid), expected: result.expectedErrorVoxels,
      deviations: errors.indices.map { errors[$0] / result.covariance[$0, $0].squareRoot() })
  }

  @Test(
    "tilt and depth are as sure as they are said to be",
    arguments: [(2, 2), (3, 3), (5, 5), (3, 12), (9, 9), (14, 14)])
  func slabs(_ slices: Int, _ other: Int) throws {
    var squares = 0.0
    var count = 0.0
    for seed: UInt64 in 1...(Soak.isLong ? 3 : 2) {
      for noise in [0.1, 0.25] {
        let pair = try align(seed: seed, fixed: slices, moving: other, noise: noise)
        #expect(pair.error < 3 * pair.expected, "seed \(seed): \(pair.error), said \(pair.expected)")
        #expect(pair.error < 0.15, "seed \(seed): \(pair.error)")
        squares += pair.deviations.reduce(0) { $0 + $1 * $1 }
        count += Double(pair.deviations.count)
      }
    }
    // Without a word about what a blur makes of the borders this was 5.7.
    #expect((squares / count).squareRoot() < 1.7, "\((squares / count).squareRoot())")
  }
}
