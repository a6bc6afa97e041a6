import Volumetry

extension RayTracer {
  /// Premultiplied colour and opacity along a line of sight through the smooth course between voxels, from front to
  /// back, until nothing behind is seen.
  func march(_ line: Line) -> SIMD4<Float> {
    let table = self.table.span
    let grey = Interpolator(self)
    let last = Float(table.count - 1)
    var color = SIMD4<Float>.zero
    var clear: Float = 1
    var index = 0
    while index < line.count {
      let (isVisible, steps) = cell(line.start + line.step * Float(index), line.step)
      let end = min(line.count, index + steps)
      if !isVisible {
        index = end
        continue
      }
      while index < end {
        let point = line.start + line.step * Float(index)
        index += 1
        let sample = grey.sample(point)
        if sample.value < 1 { continue }
        let entry = unsafe table[unchecked: Int(min(sample.value * Float(Self.fine) + 0.5, last))]
        let part = clear * entry.w
        if part <= 0 { continue }
        var rgb = entry
        if shading > 0 {
          // Where much is seen of a surface its direction is worth six more samples.
          let gradient = part > 0.1 ? grey.smoothGradient(point) : sample.gradient * 2
          rgb = lit(entry, gradient * gradientScale)
        }
        rgb.w = 1
        color += rgb * part
        clear -= part
        if clear < 1 - Self.solid { return color }
      }
    }
    return color
  }

  /// Colour under the light (Phong), where the grey values change enough to have a surface, which may face either way.
  @inline(__always)
  private func lit(_ rgb: SIMD4<Float>, _ gradient: SIMD3<Float>) -> SIMD4<Float> {
    let squared = gradient.x * gradient.x + gradient.y * gradient.y + gradient.z * gradient.z
    guard squared > 0.25 else { return rgb }
    let length = squared.squareRoot()
    let inverse = 1 / length
    let facing = abs(gradient.x * light.x + gradient.y * light.y + gradient.z * light.z) * inverse
    let shine = abs(gradient.x * halfway.x + gradient.y * halfway.y + gradient.z * halfway.z) * inverse
    let shine4 = shine * shine * shine * shine
    let weight = shading * min(1, length * (1 / 12))
    let factor = 1 + weight * (0.75 * facing - 0.65)
    return rgb * factor + weight * 0.18 * shine4 * shine4 * shine4
  }

  /// The same, with every voxel as the block that it is: one colour, and the light on the face it is entered by.
  func marchVoxels(_ line: Line) -> SIMD4<Float> {
    let table = self.table.span
    let grey = Interpolator(self)
    var color = SIMD4<Float>.zero
    var clear: Float = 1
    var index = 0
    var wasClear = true
    var factor: Float = 1
    while index < line.count {
      let point = line.start + line.step * Float(index)
      let (isVisible, steps) = cell(point, line.step)
      if !isVisible {
        index += steps
        wasClear = true
        continue
      }
      index += 1
      let value = grey.nearest(point)
      let entry = table[Int(value) * Self.fine]
      let part = value < 1 ? 0 : clear * entry.w
      if part > 0 {
        if wasClear { factor = faceLight(point, line.step) }
        var rgb = entry * factor
        rgb.w = 1
        color += rgb * part
        clear -= part
        if clear < 1 - Self.solid { return color }
      }
      wasClear = part <= 0
    }
    return color
  }

  /// Brightness of the face by which a point's voxel was entered last.
  private func faceLight(_ point: SIMD3<Float>, _ step: SIMD3<Float>) -> Float {
    var face = 0
    var least = Float.infinity
    for axis in 0..<3 where abs(step[axis]) > 1e-9 {
      let inside = point[axis] - point[axis].rounded(.down)
      let since = (step[axis] > 0 ? inside : 1 - inside) / abs(step[axis])
      if since < least { (least, face) = (since, axis) }
    }
    return 1 + shading * (0.55 * abs(light[face]) - 0.35)
  }
}

/// Grey values between voxels.
///
/// Indices are kept within the volume before they are used, so no place needs a further check.
private struct Interpolator: ~Escapable {
  private let voxels: Span<UInt8>
  private let placeX: Span<Int>
  private let placeY: Span<Int>
  private let placeZ: Span<Int>
  private let size: SIMD3<Float>
  private let hasMissing: Bool

  @_lifetime(borrow tracer)
  init(_ tracer: borrowing RayTracer) {
    voxels = tracer.volume.voxels.span
    placeX = tracer.volume.placeX.span
    placeY = tracer.volume.placeY.span
    placeZ = tracer.volume.placeZ.span
    size = tracer.size
    hasMissing = tracer.hasMissing
  }

  /// Trilinear grey value and its slope per voxel side; the nearest one, without slope, beside missing voxels.
  @inline(__always)
  func sample(_ point: SIMD3<Float>) -> (value: Float, gradient: SIMD3<Float>) {
    let sx = min(max(point.x - 0.5, 0), size.x - 1)
    let sy = min(max(point.y - 0.5, 0), size.y - 1)
    let sz = min(max(point.z - 0.5, 0), size.z - 1)
    let x = Int(Int32(sx))
    let y = Int(Int32(sy))
    let z = Int(Int32(sz))
    let fx = sx - Float(x)
    let fy = sy - Float(y)
    let fz = sz - Float(z)
    let x0 = unsafe placeX[unchecked: x]
    let x1 = unsafe placeX[unchecked: x + 1]
    let y0 = unsafe placeY[unchecked: y]
    let y1 = unsafe placeY[unchecked: y + 1]
    let z0 = unsafe placeZ[unchecked: z]
    let z1 = unsafe placeZ[unchecked: z + 1]
    let a = unsafe voxels[unchecked: x0 + y0 + z0]
    let b = unsafe voxels[unchecked: x1 + y0 + z0]
    let c = unsafe voxels[unchecked: x0 + y1 + z0]
    let d = unsafe voxels[unchecked: x1 + y1 + z0]
    let e = unsafe voxels[unchecked: x0 + y0 + z1]
    let f = unsafe voxels[unchecked: x1 + y0 + z1]
    let g = unsafe voxels[unchecked: x0 + y1 + z1]
    let h = unsafe voxels[unchecked: x1 + y1 + z1]
    if hasMissing, a == 0 || b == 0 || c == 0 || d == 0 || e == 0 || f == 0 || g == 0 || h == 0 {
      return (nearest(point), .zero)
    }
    let low = Float(a)
    let ab = Float(b) - low
    let lowC = Float(c)
    let cd = Float(d) - lowC
    let lowE = Float(e)
    let ef = Float(f) - lowE
    let lowG = Float(g)
    let gh = Float(h) - lowG
    let first = low + fx * ab
    let second = lowC + fx * cd
    let third = lowE + fx * ef
    let fourth = lowG + fx * gh
    let near = first + fy * (second - first)
    let far = third + fy * (fourth - third)
    let nearX = ab + fy * (cd - ab)
    let farX = ef + fy * (gh - ef)
    let nearY = second - first
    return (
      near + fz * (far - near),
      SIMD3(nearX + fz * (farX - nearX), nearY + fz * (fourth - third - nearY), far - near)
    )
  }

  /// Difference between the grey values one voxel side before and behind a point, along each axis.
  func smoothGradient(_ point: SIMD3<Float>) -> SIMD3<Float> {
    SIMD3(
      sample(point + SIMD3(1, 0, 0)).value - sample(point - SIMD3(1, 0, 0)).value,
      sample(point + SIMD3(0, 1, 0)).value - sample(point - SIMD3(0, 1, 0)).value,
      sample(point + SIMD3(0, 0, 1)).value - sample(point - SIMD3(0, 0, 1)).value)
  }

  /// Grey value of the voxel that a point lies in.
  func nearest(_ point: SIMD3<Float>) -> Float {
    let x = Int(min(max(point.x, 0), size.x - 1))
    let y = Int(min(max(point.y, 0), size.y - 1))
    let z = Int(min(max(point.z, 0), size.z - 1))
    return Float(voxels[placeX[x] + placeY[y] + placeZ[z]])
  }
}
