import Foundation
import Volumetry

/// A Gaussian random field of unit variance: white noise, seeded, smoothed by a Gaussian of `sigma` voxels.
func smoothField(_ shape: Shape, sigma: Double, seed: UInt64, stream: UInt64) -> [Double] {
  let margin = Int((3 * sigma).rounded(.up))
  func grow(_ n: Int) -> Int { n > 1 ? n + 2 * margin : 1 }
  let wide = Shape(z: grow(shape.z), y: grow(shape.y), x: grow(shape.x))
  var random = SeededGenerator(seed: seed, stream: stream)
  let noise = (0..<wide.count).map { _ in Float(random.normal()) }
  let smooth =
    sigma > 0
    ? SeparableFilter.gaussian(
      noise, shape: wide,
      sigma: SIMD3(wide.x > 1 ? sigma : 0, wide.y > 1 ? sigma : 0, wide.z > 1 ? sigma : 0), threads: 1)
    : noise
  let inner = Region(
    lower: Shape(z: wide.z > 1 ? margin : 0, y: wide.y > 1 ? margin : 0, x: wide.x > 1 ? margin : 0),
    shape: shape)
  let volume = Volume<Float>(grid: Grid(shape: wide, spacing: .one), voxels: smooth)
  let axes = Axis.allCases.filter { shape[$0] > 1 }.count
  // Variance left by the smoothing: 1 / (2 sqrt(pi) sigma) per axis.
  let scale = sigma > 0 ? pow(2 * Double.pi.squareRoot() * sigma, Double(axes) / 2) : 1
  return volume.crop(inner).map { Double($0) * scale }
}
