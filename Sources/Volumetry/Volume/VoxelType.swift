/// Type of one element of an array as a file stores it.
public enum VoxelType: String, Sendable, Hashable, Codable, CaseIterable {
  case uint8, uint16, uint32, uint64
  case int8, int16, int32, int64
  case float16, float32, float64

  /// Bytes of one element.
  public var size: Int {
    switch self {
    case .uint8, .int8: 1
    case .uint16, .int16, .float16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    }
  }

  public var isFloatingPoint: Bool {
    switch self {
    case .float16, .float32, .float64: true
    default: false
    }
  }
}

/// A Swift type that a volume can hold.
public protocol VoxelElement: BitwiseCopyable, Sendable, Comparable {
  static var voxelType: VoxelType { get }
  /// The value rounded to single precision.
  var asFloat: Float { get }
  /// The value rounded to double precision.
  var asDouble: Double { get }
  static var zeroValue: Self { get }
  static func buffer(_ values: [Self]) -> VoxelBuffer
}

extension UInt8: VoxelElement {
  public static var voxelType: VoxelType { .uint8 }
  @inlinable public var asFloat: Float { Float(self) }
  @inlinable public var asDouble: Double { Double(self) }
  public static var zeroValue: UInt8 { 0 }
  public static func buffer(_ values: [UInt8]) -> VoxelBuffer { .uint8(values) }
}

extension UInt16: VoxelElement {
  public static var voxelType: VoxelType { .uint16 }
  @inlinable public var asFloat: Float { Float(self) }
  @inlinable public var asDouble: Double { Double(self) }
  public static var zeroValue: UInt16 { 0 }
  public static func buffer(_ values: [UInt16]) -> VoxelBuffer { .uint16(values) }
}

extension UInt32: VoxelElement {
  public static var voxelType: VoxelType { .uint32 }
  @inlinable public var asFloat: Float { Float(self) }
  @inlinable public var asDouble: Double { Double(self) }
  public static var zeroValue: UInt32 { 0 }
  public static func buffer(_ values: [UInt32]) -> VoxelBuffer { .uint32(values) }
}

extension UInt64: VoxelElement {
  public static var voxelType: VoxelType { .uint64 }
  @inlinable public var asFloat: Float { Float(self) }
  @inlinable public var asDouble: Double { Double(self) }
  public static var zeroValue: UInt64 { 0 }
  public static func buffer(_ values: [UInt64]) -> VoxelBuffer { .uint64(values) }
}

extension Int8: VoxelElement {
  public static var voxelType: VoxelType { .int8 }
  @inlinable public var asFloat: Float { Float(self) }
  @inlinable public var asDouble: Double { Double(self) }
  public static var zeroValue: Int8 { 0 }
  public static func buffer(_ values: [Int8]) -> VoxelBuffer { .int8(values) }
}

extension Int16: VoxelElement {
  public static var voxelType: VoxelType { .int16 }
  @inlinable public var asFloat: Float { Float(self) }
  @inlinable public var asDouble: Double { Double(self) }
  public static var zeroValue: Int16 { 0 }
  public static func buffer(_ values: [Int16]) -> VoxelBuffer { .int16(values) }
}

extension Int32: VoxelElement {
  public static var voxelType: VoxelType { .int32 }
  @inlinable public var asFloat: Float { Float(self) }
  @inlinable public var asDouble: Double { Double(self) }
  public static var zeroValue: Int32 { 0 }
  public static func buffer(_ values: [Int32]) -> VoxelBuffer { .int32(values) }
}

extension Int64: VoxelElement {
  public static var voxelType: VoxelType { .int64 }
  @inlinable public var asFloat: Float { Float(self) }
  @inlinable public var asDouble: Double { Double(self) }
  public static var zeroValue: Int64 { 0 }
  public static func buffer(_ values: [Int64]) -> VoxelBuffer { .int64(values) }
}

extension Float16: VoxelElement {
  public static var voxelType: VoxelType { .float16 }
  @inlinable public var asFloat: Float { Float(self) }
  @inlinable public var asDouble: Double { Double(self) }
  public static var zeroValue: Float16 { 0 }
  public static func buffer(_ values: [Float16]) -> VoxelBuffer { .float16(values) }
}

extension Float: VoxelElement {
  public static var voxelType: VoxelType { .float32 }
  @inlinable public var asFloat: Float { self }
  @inlinable public var asDouble: Double { Double(self) }
  public static var zeroValue: Float { 0 }
  public static func buffer(_ values: [Float]) -> VoxelBuffer { .float32(values) }
}

extension Double: VoxelElement {
  public static var voxelType: VoxelType { .float64 }
  @inlinable public var asFloat: Float { Float(self) }
  @inlinable public var asDouble: Double { self }
  public static var zeroValue: Double { 0 }
  public static func buffer(_ values: [Double]) -> VoxelBuffer { .float64(values) }
}
