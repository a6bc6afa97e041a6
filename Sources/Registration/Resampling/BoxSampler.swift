import Volumetry

/// Interpolation in a box of voxels cut out of a larger volume.
///
/// Coordinates count voxels of the whole volume. A point up to half a voxel outside the centres of the
/// border takes the border's value; farther out there is none.
struct BoxSampler {
  let box: Region
  let whole: Shape

  /// Index of the voxel that holds a point; -1 outside the volume.
  @inline(__always)
  func nearest(_ c: SIMD3<Double>) -> Int {
    guard isInside(c) else { return -1 }
    let x = clamp(Int((c.x + 0.5).rounded(.down)), whole.x) - box.lower.x
    let y = clamp(Int((c.y + 0.5).rounded(.down)), whole.y) - box.lower.y
    let z = clamp(Int((c.z + 0.5).rounded(.down)), whole.z) - box.lower.z
    return (z * box.shape.y + y) * box.shape.x + x
  }

  /// Trilinear values of a row of points, `start` and then a step on for each.
  func linearRow(
    _ v: Span<Float>, from start: SIMD3<Double>, step: SIMD3<Double>, first: Int,
    into row: inout MutableSpan<Float>
  ) {
    let last = SIMD3(Double(whole.x) - 1, Double(whole.y) - 1, Double(whole.z) - 1)
    let lower = SIMD3(box.lower.x, box.lower.y, box.lower.z)
    let (down, across) = (box.shape.x * box.shape.y, box.shape.x)
    for i in row.indices {
      let c = start + Double(first + i) * step
      guard c.x >= 0, c.y >= 0, c.z >= 0, c.x < last.x, c.y < last.y, c.z < last.z else {
        row[i] = linear(v, c)
        continue
      }
      let (x, y, z) = (Int(c.x), Int(c.y), Int(c.z))
      let f = SIMD3<Float>(SIMD3(c.x - Double(x), c.y - Double(y), c.z - Double(z)))
      let at = (z - lower.z) * down + (y - lower.y) * across + x - lower.x
      let left = SIMD4(v[at], v[at + across], v[at + down], v[at + down + across])
      let right = SIMD4(v[at + 1], v[at + across + 1], v[at + down + 1], v[at + down + across + 1])
      let line = left + f.x * (right - left)
      let near = line.x + f.y * (line.y - line.x)
      let value = near + f.z * (line.z + f.y * (line.w - line.z) - near)
      // On a voxel's centre its neighbours do not count, which may be missing.
      let isBetween = f.min() > 0.00001 && f.max() < 0.99999
      row[i] = isBetween && !value.isNaN ? value : linear(v, c)
    }
  }

  /// Trilinear value; NaN outside and where a voxel that counts is NaN.
  @inline(__always)
  func linear(_ v: Span<Float>, _ c: SIMD3<Double>) -> Float {
    guard isInside(c) else { return .nan }
    let (x0, x1, fx) = neighbours(c.x, whole.x, box.lower.x)
    let (y0, y1, fy) = neighbours(c.y, whole.y, box.lower.y)
    let (z0, z1, fz) = neighbours(c.z, whole.z, box.lower.z)
    let r00 = (z0 * box.shape.y + y0) * box.shape.x
    let r01 = (z0 * box.shape.y + y1) * box.shape.x
    let r10 = (z1 * box.shape.y + y0) * box.shape.x
    let r11 = (z1 * box.shape.y + y1) * box.shape.x
    let near = mix(mix(v[r00 + x0], v[r00 + x1], fx), mix(v[r01 + x0], v[r01 + x1], fx), fy)
    if fz == 0 { return near }
    let far = mix(mix(v[r10 + x0], v[r10 + x1], fx), mix(v[r11 + x0], v[r11 + x1], fx), fy)
    return mix(near, far, fz)
  }

  /// Tricubic value, linear beside NaN.
  func cubic(_ v: Span<Float>, _ c: SIMD3<Double>) -> Float {
    guard isInside(c) else { return .nan }
    let base = SIMD3(c.x.rounded(.down), c.y.rounded(.down), c.z.rounded(.down))
    let wx = catmullRom(Float(c.x - base.x))
    let wy = catmullRom(Float(c.y - base.y))
    let wz = catmullRom(Float(c.z - base.z))
    var total: Float = 0
    for k in 0..<4 {
      let z = clamp(Int(base.z) + k - 1, whole.z) - box.lower.z
      var plane: Float = 0
      for j in 0..<4 {
        let y = clamp(Int(base.y) + j - 1, whole.y) - box.lower.y
        let row = (z * box.shape.y + y) * box.shape.x
        var line: Float = 0
        for i in 0..<4 {
          line += wx[i] * v[row + clamp(Int(base.x) + i - 1, whole.x) - box.lower.x]
        }
        plane += wy[j] * line
      }
      total += wz[k] * plane
    }
    return total.isNaN ? linear(v, c) : total
  }

  @inline(__always)
  private func isInside(_ c: SIMD3<Double>) -> Bool {
    // Rounding of the map must not push a border voxel out.
    let slack = 0.5 + 1e-9 * Double(whole.x + whole.y + whole.z)
    return c.x >= -slack && c.y >= -slack && c.z >= -slack && c.x <= Double(whole.x) - 1 + slack
      && c.y <= Double(whole.y) - 1 + slack && c.z <= Double(whole.z) - 1 + slack
  }

  @inline(__always)
  private func clamp(_ i: Int, _ count: Int) -> Int { min(max(i, 0), count - 1) }

  @inline(__always)
  private func neighbours(_ c: Double, _ count: Int, _ lower: Int) -> (Int, Int, Float) {
    let position = min(max(c, 0), Double(count - 1))
    var first = Int(position)
    var fraction = Float(position - Double(first))
    // A hair below a voxel's centre is that centre, so that it does not reach for the neighbour.
    if fraction > 0.99999 {
      first = min(first + 1, count - 1)
      fraction = 0
    } else if fraction < 0.00001 {
      fraction = 0
    }
    return (first - lower, min(first + 1, count - 1) - lower, fraction)
  }

  @inline(__always)
  private func mix(_ a: Float, _ b: Float, _ f: Float) -> Float { f == 0 ? a : a + f * (b - a) }

  private func catmullRom(_ t: Float) -> SIMD4<Float> {
    let t2 = t * t
    let t3 = t2 * t
    return SIMD4(
      -0.5 * t3 + t2 - 0.5 * t, 1.5 * t3 - 2.5 * t2 + 1, -1.5 * t3 + 2 * t2 + 0.5 * t, 0.5 * t3 - 0.5 * t2)
  }
}
