import CSolidsKernels
import Volumetry

/// Samples of a picture with the depth of what is seen in each, which grows away from the eye.
struct DepthBuffer {
  let width: Int
  let height: Int
  /// Squares of ``side`` samples to the side, row by row; each row of a square holds depths, reds, greens and blues.
  private var samples: [Float]
  private let squares: Int
  private static let side = Int(vrk_lanes)

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    squares = (width + Self.side - 1) / Self.side
    let rows = (height + Self.side - 1) / Self.side * Self.side
    samples = [Float](repeating: 0, count: 4 * rows * squares * Self.side)
    var target = samples.mutableSpan
    for row in stride(from: 0, to: target.count, by: 4 * Self.side) {
      for lane in 0..<Self.side { target[row + lane] = .infinity }
    }
  }

  /// Where the depth of a sample is.
  private func place(x: Int, y: Int) -> Int {
    let side = Self.side
    return 4 * side * ((y / side * squares + x / side) * side + y % side) + x % side
  }

  /// Draws triangles, their colours between those of their corners.
  ///
  /// - Parameters:
  ///   - corners: places of the vertices (x, y down, depth) in samples.
  ///   - shades: colours of the vertices.
  ///   - first: the triangle to begin with.
  /// - Returns: the first triangle that is seen and has a corner whose shade is not a number; nil when all are drawn.
  mutating func fill(
    _ triangles: [SIMD3<UInt32>], from first: Int, _ corners: [SIMD3<Float>], _ shades: [SIMD3<Float>]
  ) -> Int? {
    let (width, height) = (Int32(width), Int32(height))
    let end = unsafe samples.withUnsafeMutableBufferPointer { samples in
      unsafe corners.withUnsafeBytes { corners in
        unsafe shades.withUnsafeBytes { shades in
          unsafe triangles.withUnsafeBytes { numbers in
            var picture = unsafe vrk_picture(width: width, height: height, samples: samples.baseAddress)
            return unsafe vrk_paint(
              &picture, corners.bindMemory(to: Float.self).baseAddress,
              shades.bindMemory(to: Float.self).baseAddress,
              numbers.bindMemory(to: UInt32.self).baseAddress, Int64(first), Int64(triangles.count))
          }
        }
      }
    }
    return end < triangles.count ? Int(end) : nil
  }

  /// Two by two samples to a pixel.
  func halved() -> Raster {
    var raster = Raster(width: width / 2, height: height / 2)
    for y in 0..<(height / 2) {
      for x in 0..<(width / 2) {
        var sum = SIMD3<Float>.zero
        var count: Float = 0
        for (dy, dx) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
          let at = place(x: 2 * x + dx, y: 2 * y + dy)
          guard samples[at] < .infinity else { continue }
          sum += SIMD3(samples[at + Self.side], samples[at + 2 * Self.side], samples[at + 3 * Self.side])
          count += 1
        }
        if count > 0 {
          let mean = sum / count
          raster[x, y] = Color(
            red: Double(mean.x), green: Double(mean.y), blue: Double(mean.z), alpha: Double(count) / 4)
        }
      }
    }
    return raster
  }
}
