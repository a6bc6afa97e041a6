import Foundation
import Phantoms
import TestSupport
import Testing
import Volumetry

/// The closed form of a twin whose lithium spreads, against the explicit scheme.
@Suite struct SpreadingTwinTests {
  @Test(arguments: [0.02, 5.0]) func closedForm(_ exchange: Double) {
    let grid = Grid(shape: Shape(z: 12, y: 8, x: 8), spacing: SIMD3(60, 50, 20))
    func field(_ seconds: Double, cell: SIMD3<Double> = .zero) -> LithiumField {
      LithiumField(
        grid: grid, mean: 0.8, amplitude: 0.08,
        diffusion: TwinDiffusion(
          diffusivity: SIMD3(1.1, 1.6, 3.5), exchange: exchange, outside: 0.3, seconds: seconds), cell: cell,
        seed: 4)
    }
    // The scheme starts from the closed form shortly after the beginning, where x outside has reached the face.
    let (begin, later) = (200.0, 5000.0)
    var twin = SpreadingLithium()
    twin.shape = (12, 8, 8)
    twin.spacing = (20, 50, 60)
    twin.diffusivity = (3.5, 1.6, 1.1)
    twin.exchange = exchange
    twin.fine = 3
    let start = field(begin)
    twin.start = { z, y, x in start.value(at: SIMD3(x, y, z) * SIMD3(480, 400, 240)) }
    let map = twin.maps(at: [later - begin])[0]
    let end = field(later, cell: grid.spacing)
    var worst = 0.0
    for z in 0..<12 {
      for y in 0..<8 {
        for x in 0..<8 {
          worst = max(worst, abs(end.value(at: grid.center(z: z, y: y, x: x)) - map[(z * 8 + y) * 8 + x]))
        }
      }
    }
    #expect(worst < 0.0015)
    // At the start x is the mean with its pattern, at all depths.
    let first = field(0)
    var moments = Moments()
    for y in 0..<8 {
      for x in 0..<8 {
        moments.add(first.value(at: grid.center(z: 3, y: y, x: x)))
        #expect(
          first.value(at: grid.center(z: 0, y: y, x: x)) == first.value(at: grid.center(z: 11, y: y, x: x)))
      }
    }
    #expect(abs(moments.mean - 0.8) < 0.01 && abs(moments.standardDeviation - 0.08) < 0.015)
  }
}
