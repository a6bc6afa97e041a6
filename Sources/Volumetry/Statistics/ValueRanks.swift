/// How often the values of a volume occur, in bins of 1/128 of the value: for quantiles, and for what lies far outside all
/// others. Counts are whole numbers, so the cut into blocks never shows.
public struct ValueRanks: Sendable, Equatable {
  private var counts = [Int](repeating: 0, count: 1 << 16)
  public private(set) var minimum = Float.infinity
  public private(set) var maximum = -Float.infinity
  /// Finite values.
  public private(set) var total = 0

  public init() {}

  /// Counts a value; what is not finite is left out.
  @inline(__always)
  public mutating func add(_ value: Float) {
    guard value.isFinite else { return }
    counts[Self.bin(value)] += 1
    minimum = min(minimum, value)
    maximum = max(maximum, value)
    total += 1
  }

  public mutating func add(_ values: [Float]) { for value in values { add(value) } }

  /// Counts the values of a box, small whole numbers without a look at each.
  public mutating func add(_ box: VoxelBuffer) {
    switch box {
    case .uint8(let values): add(times: Self.counted(values, below: 1 << 8))
    case .uint16(let values): add(times: Self.counted(values, below: 1 << 16))
    default: add(box.floats())
    }
  }

  /// Adds each number from 0 as often as is told.
  private mutating func add(times: [Int]) {
    for (value, count) in times.enumerated() where count > 0 {
      counts[Self.bin(Float(value))] += count
      minimum = min(minimum, Float(value))
      maximum = max(maximum, Float(value))
      total += count
    }
  }

  @inline(__always)
  private static func counted<Number: FixedWidthInteger>(_ values: [Number], below end: Int) -> [Int] {
    var times = [Int](repeating: 0, count: end)
    var target = times.mutableSpan
    let source = values.span
    for i in source.indices { target[Int(source[i])] += 1 }
    return times
  }

  public mutating func merge(_ other: ValueRanks) {
    for index in counts.indices { counts[index] += other.counts[index] }
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
    total += other.total
  }

  /// Between the ends of its bin by rank, so within 1/128 of the value; NaN for no values.
  public func quantile(_ probability: Double) -> Double {
    guard total > 0 else { return .nan }
    var rest = min(max(probability, 0), 1) * Double(total - 1)
    for index in counts.indices where counts[index] > 0 {
      let count = Double(counts[index])
      if rest < count {
        let ends = range(index)
        let part = counts[index] == 1 ? 0.5 : rest / (count - 1)
        return ends.lowerBound + min(1, part) * (ends.upperBound - ends.lowerBound)
      }
      rest -= count
    }
    return Double(maximum)
  }

  public var outliers: ValueOutliers? { ValueOutliers.find(counts, range) }

  /// All values, or those that are no outliers.
  public var usualRange: ClosedRange<Double>? {
    guard total > 0 else { return nil }
    return outliers.map { $0.lower...$0.upper } ?? Double(minimum)...Double(maximum)
  }

  /// The first 16 of the bits that rise with the value.
  private static func bin(_ value: Float) -> Int {
    let bits = value.bitPattern
    return Int((bits >> 31 == 0 ? bits | 1 << 31 : ~bits) >> 16)
  }

  private static func value(_ rising: UInt32) -> Float {
    Float(bitPattern: rising >> 31 == 1 ? rising & ~(1 << 31) : ~rising)
  }

  private func range(_ index: Int) -> ClosedRange<Double> {
    let (low, high) = (Self.value(UInt32(index) << 16), Self.value(UInt32(index) << 16 | 0xffff))
    // Bins of numbers that are none are empty.
    guard low.isFinite, high.isFinite, low <= high else { return 0...0 }
    let (first, last) = (max(low, minimum), min(high, maximum))
    return first <= last ? Double(first)...Double(last) : Double(low)...Double(high)
  }
}
