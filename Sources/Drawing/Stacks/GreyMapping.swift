public import Volumetry

/// How values became whole grey numbers, so that they can be had back.
///
/// `value = lower + (grey - firstGrey) / (lastGrey - firstGrey) * (upper - lower)`.
public struct GreyMapping: Sendable, Hashable, Codable {
  /// Bits of a grey number: 8 or 16.
  public let bits: Int
  public let lower: Double
  public let upper: Double
  /// Grey number of `lower`: 1 where 0 stands for a missing value.
  public let firstGrey: Int
  public let lastGrey: Int
  /// Grey number of missing values; nil where there are none.
  public let missingGrey: Int?
  /// Whether the numbers are those of the volume itself.
  public let isIdentity: Bool

  enum CodingKeys: String, CodingKey {
    case bits, lower, upper
    case firstGrey = "first_grey"
    case lastGrey = "last_grey"
    case missingGrey = "missing_grey"
    case isIdentity = "is_identity"
  }

  /// - Throws: `usage` for an empty range or bits other than 8 and 16.
  public init(bits: Int, lower: Double, upper: Double, hasMissing: Bool) throws(VoxelithError) {
    guard bits == 8 || bits == 16 else {
      throw VoxelithError(.usage, "slices have 8 or 16 bits, not \(bits)")
    }
    guard lower.isFinite, upper.isFinite, lower < upper else {
      throw VoxelithError(
        .usage, "the range of values from \(lower) to \(upper) is empty",
        advice: "give two numbers, the lower one first")
    }
    self.bits = bits
    self.lower = lower
    self.upper = upper
    firstGrey = hasMissing ? 1 : 0
    lastGrey = (1 << bits) - 1
    missingGrey = hasMissing ? 0 : nil
    isIdentity = false
  }

  /// Whole numbers that are kept as they are.
  public init(identityBits bits: Int) {
    self.bits = bits
    lower = 0
    upper = Double((1 << bits) - 1)
    firstGrey = 0
    lastGrey = (1 << bits) - 1
    missingGrey = nil
    isIdentity = true
  }

  /// Grey numbers of values, rounded to the nearest; beyond the range the nearest end.
  public func grey(_ values: [Float]) -> [UInt16] {
    let scale = Double(lastGrey - firstGrey) / (upper - lower)
    let first = Double(firstGrey)
    let last = Double(lastGrey)
    return values.map { value in
      value.isNaN
        ? UInt16(missingGrey ?? 0)
        : UInt16(min(max((Double(value) - lower) * scale + first, first), last) + 0.5)
    }
  }

  /// The value of a grey number; NaN for the missing one.
  public func value(of grey: Int) -> Double {
    if grey == missingGrey { return .nan }
    return lower + Double(grey - firstGrey) / Double(lastGrey - firstGrey) * (upper - lower)
  }
}
