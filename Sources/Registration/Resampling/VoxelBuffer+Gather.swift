import Volumetry

extension VoxelBuffer {
  /// The values at `indices` in the same type; -1 gives NaN, or `fill` for whole-number types.
  func gathered(_ indices: [Int], fill: Double) -> VoxelBuffer {
    switch self {
    case .uint8(let v): .uint8(pick(v, indices, whole(fill)))
    case .uint16(let v): .uint16(pick(v, indices, whole(fill)))
    case .uint32(let v): .uint32(pick(v, indices, whole(fill)))
    case .uint64(let v): .uint64(pick(v, indices, whole(fill)))
    case .int8(let v): .int8(pick(v, indices, whole(fill)))
    case .int16(let v): .int16(pick(v, indices, whole(fill)))
    case .int32(let v): .int32(pick(v, indices, whole(fill)))
    case .int64(let v): .int64(pick(v, indices, whole(fill)))
    case .float16(let v): .float16(pick(v, indices, .nan))
    case .float32(let v): .float32(pick(v, indices, .nan))
    case .float64(let v): .float64(pick(v, indices, .nan))
    }
  }

  /// Two boxes of the same type put together along an axis.
  func joined(with other: VoxelBuffer, shapes a: Shape, _ b: Shape, along axis: Axis) -> VoxelBuffer {
    switch (self, other) {
    case (.uint8(let v), .uint8(let w)): .uint8(join(v, w, a, b, axis))
    case (.uint16(let v), .uint16(let w)): .uint16(join(v, w, a, b, axis))
    case (.uint32(let v), .uint32(let w)): .uint32(join(v, w, a, b, axis))
    case (.uint64(let v), .uint64(let w)): .uint64(join(v, w, a, b, axis))
    case (.int8(let v), .int8(let w)): .int8(join(v, w, a, b, axis))
    case (.int16(let v), .int16(let w)): .int16(join(v, w, a, b, axis))
    case (.int32(let v), .int32(let w)): .int32(join(v, w, a, b, axis))
    case (.int64(let v), .int64(let w)): .int64(join(v, w, a, b, axis))
    case (.float16(let v), .float16(let w)): .float16(join(v, w, a, b, axis))
    case (.float32(let v), .float32(let w)): .float32(join(v, w, a, b, axis))
    default: .float64(join(doubles(), other.doubles(), a, b, axis))
    }
  }
}

private func whole<T: FixedWidthInteger>(_ value: Double) -> T { T(exactly: value.rounded()) ?? 0 }

private func pick<T>(_ values: [T], _ indices: [Int], _ fill: T) -> [T] {
  indices.map { $0 < 0 ? fill : values[$0] }
}

private func join<T>(_ v: [T], _ w: [T], _ a: Shape, _ b: Shape, _ axis: Axis) -> [T] {
  let runs: Int
  switch axis {
  case .z: runs = 1
  case .y: runs = a.z
  case .x: runs = a.z * a.y
  }
  if v.isEmpty { return w }
  if w.isEmpty { return v }
  let first = v.count / runs
  let second = w.count / runs
  var result: [T] = []
  result.reserveCapacity(v.count + w.count)
  for run in 0..<runs {
    result.append(contentsOf: v[(run * first)..<((run + 1) * first)])
    result.append(contentsOf: w[(run * second)..<((run + 1) * second)])
  }
  return result
}
