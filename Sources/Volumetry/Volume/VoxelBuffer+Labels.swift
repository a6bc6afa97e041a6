/// What is special among labels.
public enum Labels {
  /// Stands for a voxel without a label (NaN in a file of floating point): it belongs to no phase and to no sample.
  public static let missing = UInt32.max
}

extension VoxelBuffer {
  /// The values as labels: whole numbers from 0 to 4294967294, as phases or numbered particles have them.
  ///
  /// NaN is ``Labels/missing``.
  ///
  /// - Throws: `data` at the first other value that is negative, larger, or not whole.
  public func labels() throws(VoxelithError) -> [UInt32] {
    switch self {
    case .uint8(let values): converted(values) { UInt32($0) }
    case .uint16(let values): converted(values) { UInt32($0) }
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

  private static func exact<T: BinaryInteger>(_ values: [T]) throws(VoxelithError) -> [UInt32] {
    var result: [UInt32] = []
    result.reserveCapacity(values.count)
    for value in values {
      guard let label = UInt32(exactly: value), label != Labels.missing else { throw notALabel("\(value)") }
      result.append(label)
    }
    return result
  }

  private static func whole(_ values: [Double]) throws(VoxelithError) -> [UInt32] {
    var result: [UInt32] = []
    result.reserveCapacity(values.count)
    for value in values {
      if value.isNaN {
        result.append(Labels.missing)
        continue
      }
      guard let label = UInt32(exactly: value), label != Labels.missing else { throw notALabel("\(value)") }
      result.append(label)
    }
    return result
  }

  private static func notALabel(_ value: String) -> VoxelithError {
    VoxelithError(
      .data, "the value \(value) is not a label",
      advice: "labels are whole numbers from 0 to 4294967294; NaN marks voxels without one")
  }
}
