import Foundation
import Registration
import Volumetry

#if canImport(TestSupport)
  import TestSupport
#endif

/// One seeded pair with its truth.
struct TwinCase {
  let moving: Volume<Float>
  let fixed: Volume<Float>
  let variance: Volume<Float>
  let truth: SpatialTransform
  let spread: PointSpread

  init(
    seed: UInt64, largestAngle: Double = 15, turn: Double? = nil, side: Int? = nil,
    voxels: (fine: Double, coarse: Double)? = nil
  ) throws {
    var random = SeededGenerator(seed: seed, stream: 1)
    let drawn = 4 + 6 * random.uniform()
    let ratio = 8 + 10 * random.uniform()
    let fine = voxels?.fine ?? drawn
    let coarse = voxels?.coarse ?? max(50, fine * ratio)
    let n = side ?? min(18, max(12, Int(200 / (coarse / fine))))
    func axis() -> SIMD3<Double> {
      let v = SIMD3(random.normal(), random.normal(), random.normal())
      return v / (v * v).sum().squareRoot()
    }
    let fixedGrid = Grid(
      shape: Shape(z: n - 2, y: n, x: n), spacing: SIMD3(repeating: coarse),
      origin: SIMD3(random.uniform(), random.uniform(), random.uniform()) * 300)
    let movingExtent = 1.15 * fixedGrid.extent
    func count(_ length: Double) -> Int { Int(length / fine) }
    let movingGrid = Grid(
      shape: Shape(z: count(movingExtent.z), y: count(movingExtent.y), x: count(movingExtent.x)),
      spacing: SIMD3(repeating: fine))
    let rotation =
      turn.map { SIMD3(0, 0, $0 * .pi / 180) } ?? (largestAngle * random.uniform() * .pi / 180) * axis()
    let shift = 3 * coarse * random.uniform() * axis()
    truth = SpatialTransform(
      rotationVector: rotation, translation: movingGrid.middle - fixedGrid.middle + shift,
      about: fixedGrid.middle)
    let twin = BlobTwin(
      extent: movingGrid.extent, sizes: (0.3 * coarse)...(1.5 * coarse), count: n * n * n / 8,
      matrix: truth.matrix,
      seed: seed)
    let width = coarse * (0.5 + random.uniform())
    spread = try PointSpread(fullWidthUm: SIMD3(width, width, width * (0.7 + 0.6 * random.uniform())))
    moving = twin.fine(grid: movingGrid, noise: 0.05, seed: seed)
    let counts = pow(10, 3.3 + 1.7 * random.uniform())
    var (values, variance) = twin.counts(grid: fixedGrid, spread: spread.sigma, counts: counts, seed: seed)
    // Missing corners: outside a cylinder along the beam.
    values.withVoxels { voxels in
      let center = fixedGrid.middle
      for z in 0..<fixedGrid.shape.z {
        for y in 0..<fixedGrid.shape.y {
          for x in 0..<fixedGrid.shape.x {
            let p = fixedGrid.center(z: z, y: y, x: x) - center
            if (p.x * p.x + p.y * p.y).squareRoot() > 0.55 * fixedGrid.extent.x {
              voxels[fixedGrid.shape.index(z: z, y: y, x: x)] = .nan
            }
          }
        }
      }
    }
    fixed = values
    self.variance = variance
  }

  var voxel: Double { fixed.grid.spacing.min() }
}
