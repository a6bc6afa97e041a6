extension VoxelBuffer {
  /// The values as labels: whole numbers from 0 to 65535.
  ///
  /// - Throws: `data` at the first value that is negative, above 65535, or not whole.
  public func labels() throws(VoxelithError) -> [UInt16] {
    switch self {
    case .uint8(let values): values.map { UInt16($0) }
    case .uint16(let values): values
    case .uint32(let values): try Self.exact(values)
    case .uint64(let values): try Self.exact(values)
    case .int8(let values): try Self.exact(values)
    case .int16(let values): try Self.exact(values)
    case .int32(let values): try Self.exact(values)
    case .int64(let values): try Self.exact(values)
    case .float16(let values): try Self.whole(values.map { Double($0) })
    case .float32(let values): try Self.whole(values.map { Double($0) })
    case .float64(let values): try Self.whole(values)
    }
  }

  private static func exact<T: BinaryInteger>(_ values: [T]) throws(VoxelithError) -> [UInt16] {
    var result: [UInt16] = []
    result.reserveCapacity(values.count)
    for value in values {
      guard let label = UInt16(exactly: value) else { throw notALabel("\(value)") }
      result.append(label)
    }
    return result
  }

  private static func whole(_ values: [Double]) throws(VoxelithError) -> [UInt16] {
    var result: [UInt16] = []
    result.reserveCapacity(values.count)
    for value in values {
      guard let label = UInt16(exactly: value) else { throw notALabel("\(value)") }
      result.append(label)
    }
    return result
  }

  private static func notALabel(_ value: String) -> VoxelithError {
    VoxelithError(
      .data, "the value \(value) is not a label", advice: "labels are whole numbers from 0 to 65535")
  }
}
