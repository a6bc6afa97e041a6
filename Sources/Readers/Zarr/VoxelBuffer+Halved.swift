import Volumetry

/// How a coarse voxel follows from the up to eight fine ones that it covers.
enum Halving {
  /// The mean of those that are numbers; whole numbers are rounded, halves to the even one.
  case mean
  /// The first one, since the mean of two labels is a third one.
  case nearest
}

extension VoxelBuffer {
  /// A box of half as many voxels along each axis, odd sides rounded up.
  func halved(_ shape: Shape, by rule: Halving) -> VoxelBuffer {
    func whole<Number: FixedWidthInteger & VoxelElement>(_ values: [Number]) -> [Number] {
      Self.halve(values, shape, rule) { Number($0.rounded(.toNearestOrEven)) }
    }
    return switch self {
    case .uint8(let values): .uint8(whole(values))
    case .uint16(let values): .uint16(whole(values))
    case .uint32(let values): .uint32(whole(values))
    // The mean of numbers beyond 2^53 may round to one that the type lacks.
    case .uint64(let values):
      .uint64(Self.halve(values, shape, rule) { UInt64(exactly: $0.rounded()) ?? .max })
    case .int8(let values): .int8(whole(values))
    case .int16(let values): .int16(whole(values))
    case .int32(let values): .int32(whole(values))
    case .int64(let values): .int64(Self.halve(values, shape, rule) { Int64(exactly: $0.rounded()) ?? .max })
    case .float16(let values): .float16(Self.halve(values, shape, rule) { Float16($0) })
    case .float32(let values): .float32(Self.halve(values, shape, rule) { Float($0) })
    case .float64(let values): .float64(Self.halve(values, shape, rule) { $0 })
    }
  }

  private static func halve<Element: VoxelElement>(
    _ values: [Element], _ shape: Shape, _ rule: Halving, _ make: (Double) -> Element
  ) -> [Element] {
    let half = Shape(z: (shape.z + 1) / 2, y: (shape.y + 1) / 2, x: (shape.x + 1) / 2)
    var result: [Element] = []
    result.reserveCapacity(half.count)
    for z in 0..<half.z {
      for y in 0..<half.y {
        for x in 0..<half.x {
          let first = values[shape.index(z: 2 * z, y: 2 * y, x: 2 * x)]
          if case .nearest = rule {
            result.append(first)
            continue
          }
          var sum = 0.0
          var count = 0
          for dz in 0..<min(2, shape.z - 2 * z) {
            for dy in 0..<min(2, shape.y - 2 * y) {
              let row = shape.index(z: 2 * z + dz, y: 2 * y + dy, x: 2 * x)
              for dx in 0..<min(2, shape.x - 2 * x) {
                let value = values[row + dx].asDouble
                if value.isNaN { continue }
                sum += value
                count += 1
              }
            }
          }
          result.append(count == 0 ? first : make(sum / Double(count)))
        }
      }
    }
    return result
  }
}
