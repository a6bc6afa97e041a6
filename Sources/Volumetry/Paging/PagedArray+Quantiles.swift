extension PagedArray where Element == Float {
  /// Quantiles of the values within a range, as ``Quantiles/quantile(_:_:)`` has them, without sorting or copying.
  ///
  /// - Parameters:
  ///   - probabilities: from 0 to 1.
  ///   - range: values that count; NaN never does.
  /// - Returns: one value for each probability; NaN where no value counts.
  public func quantiles(
    _ probabilities: [Double], within range: ClosedRange<Float> = -Float.infinity...Float.infinity
  ) -> [Double] {
    var statistics = OrderStatistics(self, within: range)
    return probabilities.map { statistics.quantile($0) }
  }

  /// The median, see ``quantiles(_:within:)``.
  public func median(within range: ClosedRange<Float> = -Float.infinity...Float.infinity) -> Double {
    quantiles([0.5], within: range)[0]
  }
}

extension PagedArray where Element == Double {
  /// The median as ``Quantiles/median(_:)`` has it, without sorting or copying: NaN is left out, NaN for no values.
  public func median() -> Double {
    var statistics = OrderStatistics(self, within: -Double.infinity...Double.infinity)
    return statistics.quantile(0.5)
  }
}

/// Finds values by their rank: counts by the first 16 bits tell where a value lies, counts by the next 16 of those that
/// lie there where within, and so on. A pass over the array each, which further ranks use again.
private struct OrderStatistics<Element: RadixSortable> {
  private let values: PagedArray<Element>
  private let range: ClosedRange<Element>
  private var known: [Prefix: [Int]] = [:]

  /// The first digits of a value, the others zero.
  private struct Prefix: Hashable {
    var bits: UInt64 = 0
    var digits = 0
  }

  init(_ values: PagedArray<Element>, within range: ClosedRange<Element>) {
    self.values = values
    self.range = range
  }

  /// Between order statistics (type 7 of Hyndman and Fan); NaN for no values.
  mutating func quantile(_ probability: Double) -> Double {
    let count = counts(after: Prefix()).reduce(0, +)
    guard count > 0 else { return .nan }
    let position = min(max(probability, 0), 1) * Double(count - 1)
    let before = Int(position)
    let low = value(before)
    let high = value(min(before + 1, count - 1))
    return low + (position - Double(before)) * (high - low)
  }

  /// The value with so many before it.
  private mutating func value(_ rank: Int) -> Double {
    var rest = rank
    var prefix = Prefix()
    while prefix.digits < Element.digits {
      var digit = 0
      for count in counts(after: prefix) {
        if rest < count { break }
        rest -= count
        digit += 1
      }
      prefix.digits += 1
      prefix.bits |= UInt64(digit) << UInt64(64 - 16 * prefix.digits)
    }
    return Element(radix: prefix.bits).asDouble
  }

  /// How many values have each next digit.
  private mutating func counts(after prefix: Prefix) -> [Int] {
    if let counts = known[prefix] { return counts }
    let counts = count(after: prefix)
    known[prefix] = counts
    return counts
  }

  private func count(after prefix: Prefix) -> [Int] {
    var counts = [Int](repeating: 0, count: 1 << 16)
    let others = prefix.digits == 0 ? 0 : ~UInt64(0) << UInt64(64 - 16 * prefix.digits)
    let shift = UInt64(48 - 16 * prefix.digits)
    let span = values.span
    values.memory.inBlocks(of: span.count, bytes: MemoryLayout<Element>.stride) { block in
      for index in block where range.contains(span[index]) {
        let bits = span[index].radix
        if bits & others == prefix.bits { counts[Int(bits >> shift & 0xffff)] += 1 }
      }
    }
    return counts
  }
}

/// Numbers with unsigned bits that rise with the value.
private protocol RadixSortable: VoxelElement {
  /// Digits of 16 bits.
  static var digits: Int { get }
  /// The bits from the highest down.
  var radix: UInt64 { get }
  init(radix: UInt64)
}

extension Double: RadixSortable {
  static let digits = 4
  var radix: UInt64 { bitPattern >> 63 == 0 ? bitPattern | 1 << 63 : ~bitPattern }
  init(radix: UInt64) { self.init(bitPattern: radix >> 63 == 1 ? radix & ~(1 << 63) : ~radix) }
}

extension Float: RadixSortable {
  static let digits = 2
  var radix: UInt64 { UInt64(bitPattern >> 31 == 0 ? bitPattern | 1 << 31 : ~bitPattern) << 32 }
  init(radix: UInt64) {
    let bits = UInt32(radix >> 32)
    self.init(bitPattern: bits >> 31 == 1 ? bits & ~(1 << 31) : ~bits)
  }
}
