import Volumetry

/// How the voxels of a region lie in a box of an array.
struct BoxSteps: Sendable {
  var start: Int
  var z: Int
  var y: Int
  var x: Int
}

extension VoxelBuffer {
  /// Values in the order z, y, x from those with other steps, from the first of the box on.
  func reordered(_ shape: Shape, _ steps: (z: Int, y: Int, x: Int)) -> VoxelBuffer {
    reordered(shape, BoxSteps(start: 0, z: steps.z, y: steps.y, x: steps.x))
  }

  /// Values in the order z, y, x from those with other steps.
  func reordered(_ shape: Shape, _ steps: BoxSteps) -> VoxelBuffer {
    switch self {
    case .uint8(let values): .uint8(Self.gather(values, shape, steps))
    case .uint16(let values): .uint16(Self.gather(values, shape, steps))
    case .uint32(let values): .uint32(Self.gather(values, shape, steps))
    case .uint64(let values): .uint64(Self.gather(values, shape, steps))
    case .int8(let values): .int8(Self.gather(values, shape, steps))
    case .int16(let values): .int16(Self.gather(values, shape, steps))
    case .int32(let values): .int32(Self.gather(values, shape, steps))
    case .int64(let values): .int64(Self.gather(values, shape, steps))
    case .float16(let values): .float16(Self.gather(values, shape, steps))
    case .float32(let values): .float32(Self.gather(values, shape, steps))
    case .float64(let values): .float64(Self.gather(values, shape, steps))
    }
  }

  private static func gather<Element: VoxelElement>(
    _ values: [Element], _ shape: Shape, _ steps: BoxSteps
  ) -> [Element] {
    var result: [Element] = []
    result.reserveCapacity(values.count)
    for z in 0..<shape.z {
      for y in 0..<shape.y {
        let start = steps.start + z * steps.z + y * steps.y
        for x in 0..<shape.x { result.append(values[start + x * steps.x]) }
      }
    }
    return result
  }
}
