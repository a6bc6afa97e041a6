import Volumetry

/// Value and gradient between the cells of an image: what the kernels in C do not serve, thin axes and more cells than 2^31.
struct GradientSampler {
  let shape: Shape
  let low: SIMD3<Double>
  let high: SIMD3<Double>
  var isCubic = true
  /// Axes (x, y, z) of a few cells; nil where there is none.
  var thinAxes: [Bool]?

  /// Cells beyond the first and the last one of a thin axis up to which a value is trusted.
  static let reach = 0.25

  /// Trilinear (value, d/dx, d/dy, d/dz) per cell in one pass over the eight neighbours; NaN outside.
  @inline(__always)
  func valueAndGradient(_ v: Span<Float>, _ c: SIMD3<Double>) -> SIMD4<Float> {
    guard c.x >= low.x, c.y >= low.y, c.z >= low.z, c.x <= high.x, c.y <= high.y, c.z <= high.z else {
      return SIMD4(repeating: .nan)
    }
    let (x0, x1, fx) = neighbours(c.x, shape.x)
    let (y0, y1, fy) = neighbours(c.y, shape.y)
    let (z0, z1, fz) = neighbours(c.z, shape.z)
    let r00 = (z0 * shape.y + y0) * shape.x
    let r01 = (z0 * shape.y + y1) * shape.x
    let r10 = (z1 * shape.y + y0) * shape.x
    let r11 = (z1 * shape.y + y1) * shape.x
    let left = SIMD4(v[r00 + x0], v[r01 + x0], v[r10 + x0], v[r11 + x0])
    let right = SIMD4(v[r00 + x1], v[r01 + x1], v[r10 + x1], v[r11 + x1])
    let slope = right - left
    let value = left + fx * slope
    let vy0 = value.x + fy * (value.y - value.x)
    let vy1 = value.z + fy * (value.w - value.z)
    let sx0 = slope.x + fy * (slope.y - slope.x)
    let sx1 = slope.z + fy * (slope.w - slope.z)
    let dy0 = value.y - value.x
    let dy1 = value.w - value.z
    return SIMD4(vy0 + fz * (vy1 - vy0), sx0 + fz * (sx1 - sx0), dy0 + fz * (dy1 - dy0), vy1 - vy0)
  }

  @inline(__always)
  private func neighbours(_ c: Double, _ count: Int) -> (Int, Int, Float) {
    let position = min(max(c, 0), Double(count - 1))
    let first = min(Int(position), max(0, count - 2))
    return (first, min(first + 1, count - 1), Float(position - Double(first)))
  }

  /// The same in an image with thin axes: along these by the polynomial through the nearest cells, three at the border; along
  /// the others by the kernel of Catmull and Rom or linear. Linear throughout beside missing cells.
  func thin(_ v: Span<Float>, _ c: SIMD3<Double>) -> SIMD4<Float> {
    guard c.x >= low.x, c.y >= low.y, c.z >= low.z, c.x <= high.x, c.y <= high.y, c.z <= high.z else {
      return SIMD4(repeating: .nan)
    }
    let (x, y, z) = (taps(c.x, shape.x, 0), taps(c.y, shape.y, 1), taps(c.z, shape.z, 2))
    var result = SIMD4<Float>.zero
    for k in 0..<4 where z.value[k] != 0 || z.slope[k] != 0 {
      for j in 0..<4 where y.value[j] != 0 || y.slope[j] != 0 {
        let row = ((z.first + k) * shape.y + y.first + j) * shape.x + x.first
        var (line, slope): (Float, Float) = (0, 0)
        for i in 0..<4 where x.value[i] != 0 || x.slope[i] != 0 {
          line += x.value[i] * v[row + i]
          slope += x.slope[i] * v[row + i]
        }
        result +=
          SIMD4(
            z.value[k] * y.value[j] * line, z.value[k] * y.value[j] * slope, z.value[k] * y.slope[j] * line,
            z.slope[k] * y.value[j] * line)
      }
    }
    return result.x.isNaN ? valueAndGradient(v, c) : result
  }

  /// First of four cells along an axis, their weights and the derivatives of these.
  @inline(__always)
  private func taps(
    _ c: Double, _ count: Int, _ axis: Int
  ) -> (first: Int, value: SIMD4<Float>, slope: SIMD4<Float>) {
    guard count > 1 else { return (0, SIMD4(1, 0, 0, 0), .zero) }
    let isThin = thinAxes?[axis] == true
    let position =
      isThin ? min(max(c, -0.5), Double(count) - 0.5) : min(max(c, 0), Double(count - 1))
    let cell = min(max(Int(position.rounded(.down)), 0), count - 2)
    let t = Float(position - Double(cell))
    let hasAll = cell >= 1 && cell + 2 < count
    guard count > 2, isThin || (isCubic && hasAll) else {
      return (cell, SIMD4(1 - t, t, 0, 0), SIMD4(-1, 1, 0, 0))
    }
    let (value, slope) = Self.weights(t)
    if hasAll { return (cell - 1, value, slope) }
    // The cell beyond the border continues the parabola through the last three.
    return cell == 0
      ? (0, Self.foldedBelow(value), Self.foldedBelow(slope))
      : (cell - 1, Self.foldedAbove(value), Self.foldedAbove(slope))
  }

  private static func foldedBelow(_ w: SIMD4<Float>) -> SIMD4<Float> {
    SIMD4(w[1] + 3 * w[0], w[2] - 3 * w[0], w[3] + w[0], 0)
  }

  private static func foldedAbove(_ w: SIMD4<Float>) -> SIMD4<Float> {
    SIMD4(w[0] + w[3], w[1] - 3 * w[3], w[2] + 3 * w[3], 0)
  }

  /// Weights of four neighbours at a fraction of a cell, and their derivatives.
  @inline(__always)
  private static func weights(_ t: Float) -> (SIMD4<Float>, SIMD4<Float>) {
    let t2 = t * t
    let t3 = t2 * t
    return (
      SIMD4(
        -0.5 * t3 + t2 - 0.5 * t, 1.5 * t3 - 2.5 * t2 + 1, -1.5 * t3 + 2 * t2 + 0.5 * t, 0.5 * t3 - 0.5 * t2),
      SIMD4(-1.5 * t2 + 2 * t - 0.5, 4.5 * t2 - 5 * t, -4.5 * t2 + 4 * t + 0.5, 1.5 * t2 - t)
    )
  }
}
