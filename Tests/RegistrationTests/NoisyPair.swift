import Foundation
import Registration
import Volumetry

#if canImport(TestSupport)
  import TestSupport
#endif

/// Two volumes of one object on grids of like voxels, both with noise of their own, the moving side in another
/// contrast where asked.
struct NoisyPair {
  let fixed: Volume<Float>
  let moving: Volume<Float>
  let truth: SpatialTransform

  /// - Parameters:
  ///   - noise: standard deviation on both sides; the object varies by about 0.3.
  ///   - isForeign: sends the moving values through a map that is not monotonic.
  init(seed: UInt64, side: Int = 40, noise: Double, isForeign: Bool) throws {
    var random = SeededGenerator(seed: seed, stream: 1)
    func axis() -> SIMD3<Double> {
      let v = SIMD3(random.normal(), random.normal(), random.normal())
      return v / (v * v).sum().squareRoot()
    }
    let fixedGrid = Grid(shape: Shape(z: side, y: side, x: side), spacing: SIMD3(repeating: 2))
    let wide = side + 8
    let movingGrid = Grid(shape: Shape(z: wide, y: wide, x: wide), spacing: SIMD3(repeating: 2))
    truth = SpatialTransform(
      rotationVector: (6 * random.uniform() * .pi / 180) * axis(),
      translation: movingGrid.middle - fixedGrid.middle + 4 * random.uniform() * axis(),
      about: fixedGrid.middle)
    let twin = BlobTwin(
      extent: movingGrid.extent, sizes: 4...10, count: side * side * side / 150, matrix: truth.matrix,
      seed: seed)
    var values = twin.coarse(grid: fixedGrid, spread: .zero).voxels.map { Float($0) }
    var own = SeededGenerator(seed: seed, stream: 21)
    for i in values.indices { values[i] += Float(noise * own.normal()) }
    fixed = Volume(grid: fixedGrid, voxels: values)
    var other = SeededGenerator(seed: seed, stream: 22)
    moving = Volume(
      grid: movingGrid,
      voxels: twin.fine(grid: movingGrid, noise: 0, seed: seed).voxels.map { value in
        let shown = isForeign ? sin(2.5 * Double(value)) : Double(value)
        return Float(shown + noise * other.normal())
      })
  }
}
