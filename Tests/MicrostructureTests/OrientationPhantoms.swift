import Foundation
import Volumetry

/// Grey volumes whose structure points one known way.
enum OrientationPhantoms {
  enum Kind: CaseIterable { case layers, cylinders, waves }

  /// Unit vectors spread over the half sphere, none along an axis (a Fibonacci spiral).
  static func directions(_ count: Int) -> [SIMD3<Double>] {
    (0..<count).map { k in
      let z = (Double(k) + 0.5) / Double(count)
      let angle = Double(k) * Double.pi * (3 - 5.0.squareRoot())
      let r = (1 - z * z).squareRoot()
      return SIMD3(r * cos(angle), r * sin(angle), z)
    }
  }

  /// Two unit vectors across a third.
  static func frame(_ n: SIMD3<Double>) -> (SIMD3<Double>, SIMD3<Double>) {
    let helper = abs(n.x) < 0.6 ? SIMD3(1.0, 0, 0) : SIMD3(0, 1.0, 0)
    let u = normalized(cross(n, helper))
    return (u, cross(n, u))
  }

  static func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
  }

  static func normalized(_ a: SIMD3<Double>) -> SIMD3<Double> { a / (a * a).sum().squareRoot() }

  /// Layers normal to `n`, or cylinders along it in a hexagonal pack with edges as soft as one
  /// micrometre, or two crossed waves across it; grey 1000 to 2000 and normal noise.
  static func volume(
    _ kind: Kind, along n: SIMD3<Double>, grid: Grid, period: Double = 12, noise: Double = 0,
    seed: UInt64 = 1
  ) -> Volume<UInt16> {
    let (u, v) = frame(n)
    let middle = grid.middle
    var generator = SeededGenerator(seed: seed)
    var voxels: [UInt16] = []
    voxels.reserveCapacity(grid.shape.count)
    for z in 0..<grid.shape.z {
      for y in 0..<grid.shape.y {
        for x in 0..<grid.shape.x {
          let p = grid.center(z: z, y: y, x: x) - middle
          let value: Double
          switch kind {
          case .layers: value = 0.5 + 0.5 * cos(2 * .pi * (p * n).sum() / period)
          case .waves:
            value =
              0.5 + 0.25 * cos(2 * .pi * (p * u).sum() / period)
              + 0.25 * cos(2 * .pi * (p * v).sum() / period)
          case .cylinders:
            value = pack((p * u).sum(), (p * v).sum(), period: period)
          }
          let grey = 1000 + 1000 * value + noise * generator.normal()
          voxels.append(UInt16(max(0, min(65535, grey.rounded()))))
        }
      }
    }
    return Volume(grid: grid, voxels: voxels)
  }

  private static func pack(_ a: Double, _ b: Double, period: Double) -> Double {
    let row = (b / (period * 0.75.squareRoot())).rounded()
    var nearest = Double.infinity
    for r in [row - 1, row, row + 1] {
      let shift = Int(r) % 2 == 0 ? 0 : 0.5 * period
      let column = ((a - shift) / period).rounded()
      let da = a - shift - column * period
      let db = b - r * period * 0.75.squareRoot()
      nearest = min(nearest, (da * da + db * db).squareRoot())
    }
    return min(1, max(0, 0.5 + (0.3 * period - nearest)))
  }

  /// Angle between two axes in degrees.
  static func angle(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double {
    let c = cross(a, b)
    return atan2((c * c).sum().squareRoot(), abs((a * b).sum())) * 180 / .pi
  }
}
