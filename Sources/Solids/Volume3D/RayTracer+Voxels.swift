extension RayTracer {
  /// Premultiplied colour and opacity along a line of sight, from front to back, with every voxel as the block that it is:
  /// one colour, and the light on the face it is entered by.
  func marchVoxels(_ line: Line) -> SIMD4<Float> {
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
      let value = nearest(point)
      let entry = value * Self.fine
      let part = value < 1 ? 0 : clear * alphas[entry]
      if part > 0 {
        if wasClear {
          factor = index == 1 && !clipping.isEmpty ? line.entering : faceLight(point, line.step)
        }
        var rgb = colors[entry] * factor
        rgb.w = 1
        color += rgb * part
        clear -= part
        if clear < 1 - Self.solid { return color }
      }
      wasClear = part <= 0
    }
    return color
  }

  /// Brightness of the face that a point is seen through: the last one crossed that has nothing to be seen before it. A step
  /// may cross an edge, where the face crossed last lies between two voxels that are both seen.
  private func faceLight(_ point: SIMD3<Float>, _ step: SIMD3<Float>) -> Float {
    var since = SIMD3<Float>(repeating: .infinity)
    for axis in 0..<3 where abs(step[axis]) > 1e-9 {
      let inside = point[axis] - point[axis].rounded(.down)
      since[axis] = (step[axis] > 0 ? inside : 1 - inside) / abs(step[axis])
    }
    var before = point
    var face = 0
    for crossing in 0..<3 {
      var nearest = 0
      for axis in 1..<3 where since[axis] < since[nearest] { nearest = axis }
      guard since[nearest] <= 1 || crossing == 0 else { break }
      if crossing == 0 { face = nearest }
      before[nearest] += step[nearest] > 0 ? -1 : 1
      since[nearest] = .infinity
      if isClear(before) {
        face = nearest
        break
      }
    }
    return brightness(light[face])
  }

  /// Whether nothing is seen where a point lies.
  private func isClear(_ point: SIMD3<Float>) -> Bool {
    for axis in 0..<3 where point[axis] < 0 || point[axis] >= size[axis] { return true }
    let value = nearest(point)
    return value < 1 || alphas[value * Self.fine] <= 0
  }

  /// Grey step of the voxel that a point lies in.
  private func nearest(_ point: SIMD3<Float>) -> Int {
    let x = Int(min(max(point.x, 0), size.x - 1))
    let y = Int(min(max(point.y, 0), size.y - 1))
    let z = Int(min(max(point.z, 0), size.z - 1))
    return Int(volume.voxels[Int(volume.placeX[x] + volume.placeY[y] + volume.placeZ[z])])
  }
}
