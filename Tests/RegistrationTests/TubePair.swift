import Foundation
import Registration
import TestSupport
import Volumetry

/// Straight tubes of known place in two contrasts, with a bias field of a third and noise on both sides.
struct TubePair {
  let fixed: Volume<Float>
  let moving: Volume<Float>
  let truth: SpatialTransform

  /// - Parameter contrast: value of the fixed side for a value between 0.33 (between the tubes) and 0.78 (in them).
  init(seed: UInt64, side: Int, contrast: (Double) -> Double) {
    var random = SeededGenerator(seed: seed, stream: 51)
    func direction() -> SIMD3<Double> {
      let v = SIMD3(random.normal(), random.normal(), random.normal())
      return v / (v * v).sum().squareRoot()
    }
    let grid = Grid(shape: Shape(z: side, y: side, x: side), spacing: .one)
    let truth = SpatialTransform(
      rotationVector: 5 * .pi / 180 * direction(), translation: SIMD3(1.5, -2, 1), about: grid.middle)
    self.truth = truth
    // In the space of the moving volume, which they fill with a margin.
    let tubes = (0..<26).map { _ in
      let start = SIMD3(random.uniform(), random.uniform(), random.uniform()) * 1.5 - 0.25
      return (start: start * Double(side), along: direction(), radius: 2 + 1.5 * random.uniform())
    }
    func object(_ p: SIMD3<Double>) -> Double {
      let most = tubes.reduce(-Double.infinity) { most, tube in
        let arm = p - tube.start
        let along = (arm * tube.along).sum()
        return max(most, tube.radius - max(0, (arm * arm).sum() - along * along).squareRoot())
      }
      return 0.33 + 0.45 / (1 + exp(-most / 0.45))
    }
    func biased(_ seed: UInt64, _ value: (SIMD3<Double>) -> Double) -> Volume<Float> {
      var random = SeededGenerator(seed: seed, stream: 52)
      let slope = direction()
      let bend = direction()
      var values: [Double] = []
      for z in 0..<side {
        for y in 0..<side {
          for x in 0..<side {
            let p = grid.center(z: z, y: y, x: x)
            let u = 2 * p / Double(side) - 1
            values.append(value(p) * (1 + 0.2 * (slope * u + bend * u * u).sum()))
          }
        }
      }
      let mean = values.reduce(0, +) / Double(values.count)
      let spread = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
      return Volume(grid: grid, voxels: values.map { Float($0 + 0.2 * spread * random.normal()) })
    }
    fixed = biased(2 * seed) { contrast(object(truth($0))) }
    moving = biased(2 * seed + 1) { object($0) }
  }

  func error(_ result: RegistrationResult) -> Double {
    result.transform.meanError(against: truth, over: fixed.grid)
  }
}
