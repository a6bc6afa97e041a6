/// The voxels of a box in the type that the file stores, x fastest.
public enum VoxelBuffer: Sendable, Equatable {
  case uint8([UInt8])
  case uint16([UInt16])
  case uint32([UInt32])
  case uint64([UInt64])
  case int8([Int8])
  case int16([Int16])
  case int32([Int32])
  case int64([Int64])
  case float16([Float16])
  case float32([Float])
  case float64([Double])

  public var type: VoxelType {
    switch self {
    case .uint8: .uint8
    case .uint16: .uint16
    case .uint32: .uint32
    case .uint64: .uint64
    case .int8: .int8
    case .int16: .int16
    case .int32: .int32
    case .int64: .int64
    case .float16: .float16
    case .float32: .float32
    case .float64: .float64
    }
  }

  public var count: Int {
    switch self {
    case .uint8(let values): values.count
    case .uint16(let values): values.count
    case .uint32(let values): values.count
    case .uint64(let values): values.count
    case .int8(let values): values.count
    case .int16(let values): values.count
    case .int32(let values): values.count
    case .int64(let values): values.count
    case .float16(let values): values.count
    case .float32(let values): values.count
    case .float64(let values): values.count
    }
  }

  /// The values rounded to single precision.
  public func floats() -> [Float] {
    switch self {
    case .uint8(let values): converted(values) { Float($0) }
    case .uint16(let values): converted(values) { Float($0) }
    case .uint32(let values): converted(values) { Float($0) }
    case .uint64(let values): converted(values) { Float($0) }
    case .int8(let values): converted(values) { Float($0) }
    case .int16(let values): converted(values) { Float($0) }
    case .int32(let values): converted(values) { Float($0) }
    case .int64(let values): converted(values) { Float($0) }
    case .float16(let values): converted(values) { Float($0) }
    case .float32(let values): values
    case .float64(let values): converted(values) { Float($0) }
    }
  }

  /// The values in double precision; 64-bit integers above 2^53 are rounded.
  public func doubles() -> [Double] {
    switch self {
    case .uint8(let values): values.map { Double($0) }
    case .uint16(let values): values.map { Double($0) }
    case .uint32(let values): values.map { Double($0) }
    case .uint64(let values): values.map { Double($0) }
    case .int8(let values): values.map { Double($0) }
    case .int16(let values): values.map { Double($0) }
    case .int32(let values): values.map { Double($0) }
    case .int64(let values): values.map { Double($0) }
    case .float16(let values): values.map { Double($0) }
    case .float32(let values): values.map { Double($0) }
    case .float64(let values): values
    }
  }
}

/// The values in another type, in a loop that the compiler makes vectors of, which it does not of `map`.
@inline(__always)
func converted<Old: BitwiseCopyable, New: BitwiseCopyable>(_ values: [Old], _ convert: (Old) -> New) -> [New]
{
  unsafe [New](unsafeUninitializedCapacity: values.count) { target, count in
    let source = values.span
    for i in source.indices { unsafe target[i] = convert(source[i]) }
    count = source.count
  }
}
