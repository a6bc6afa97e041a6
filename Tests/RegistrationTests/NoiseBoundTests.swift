import Foundation
import Registration
import TestSupport
import Testing
import Volumetry

@Suite("The bound that noise sets") struct NoiseBoundTests {
  /// Cramer and Rao's bound of a rigid alignment, as the root mean square over the points of `meanError`: white noise on
  /// both sides and the gradient of the fixed volume without noise, in fixed voxels.
  private func bound(_ clean: Volume<Float>, variance: Double) throws -> Double {
    let shape = clean.shape
    let grid = clean.grid
    let h = grid.spacing.x
    var information = Matrix(zeros: 6, 6)
    for z in 1..<(shape.z - 1) {
      for y in 1..<(shape.y - 1) {
        for x in 1..<(shape.x - 1) {
          let g =
            SIMD3(
              Double(clean[z, y, x + 1] - clean[z, y, x - 1]),
              Double(clean[z, y + 1, x] - clean[z, y - 1, x]),
              Double(clean[z + 1, y, x] - clean[z - 1, y, x])) / (2 * h)
          let p = grid.center(z: z, y: y, x: x) - grid.middle
          let row = [
            p.y * g.z - p.z * g.y, p.z * g.x - p.x * g.z, p.x * g.y - p.y * g.x, g.x, g.y, g.z,
          ]
          for i in 0..<6 { for j in 0..<6 { information[i, j] += row[i] * row[j] / variance } }
        }
      }
    }
    let c = try #require(Cholesky(information)?.inverse)
    var sum = 0.0
    var count = 0.0
    for z in 0..<3 {
      for y in 0..<3 {
        for x in 0..<3 where (z == 1 ? 1 : 0) + (y == 1 ? 1 : 0) + (x == 1 ? 1 : 0) != 1 {
          let p = 0.5 * (SIMD3(Double(x), Double(y), Double(z)) - 1) * grid.extent
          let rows = [[0, p.z, -p.y, 1, 0, 0], [-p.z, 0, p.x, 0, 1, 0], [p.y, -p.x, 0, 0, 0, 1]]
          for row in rows { for i in 0..<6 { for j in 0..<6 { sum += row[i] * c[i, j] * row[j] } } }
          count += 1
        }
      }
    }
    return (sum / count).squareRoot() / h
  }

  @Test(
    "moved pairs come near the bound, at any ratio of the voxels and any noise",
    arguments: [(1.0, 44, 0.07), (1, 44, 0.015), (2, 26, 0.07), (3, 20, 0.07)])
  func isReached(ratio: Double, side: Int, noise: Double) throws {
    var squares = 0.0
    let seeds = (3 as UInt64)...(Soak.isLong ? 8 : 5)
    for seed in seeds {
      func pair(_ noise: Double) throws -> BlobPair {
        let cube = Shape(z: side, y: side, x: side)
        let wide = (side + 4) * Int(ratio)
        return try BlobPair(
          fixedShape: cube, movingShape: Shape(z: wide, y: wide, x: wide), voxels: (ratio, 1), angle: 5,
          shift: SIMD3(0.4, -0.7, 0.9) * ratio, noise: noise, seeds: (seed, seed))
      }
      let made = try pair(noise)
      let result = try VolumeRegistration.align(
        moving: made.moving, to: made.fixed,
        options: RegistrationOptions(
          start: SpatialTransform(translation: SIMD3(0.3, -0.2, 0.25) * ratio).composed(after: made.truth)))
      let variance = noise * noise * (1 + 1 / (ratio * ratio * ratio))
      let ratio = made.error(result) / (try bound(pair(0).fixed, variance: variance))
      squares += ratio * ratio
    }
    // Three pairs of six parameters scatter by a sixth, six by an eighth.
    let ratio = (squares / Double(seeds.count)).squareRoot()
    #expect(ratio < 1.5, "\(ratio)")
  }
}
