extension PagedArray where Element == Float {
  /// Quantiles of the values within a range, as ``Quantiles/quantile(_:_:)`` has them, without sorting or copying.
  ///
  /// Four passes at most: counts by the upper half of a value's bits find where an order statistic lies, counts by the
  /// lower half which value it is.
  ///
  /// - Parameters:
  ///   - probabilities: from 0 to 1.
  ///   - range: values that count; NaN never does.
  /// - Returns: one value for each probability; NaN where no value counts.
  public func quantiles(
    _ probabilities: [Double], within range: ClosedRange<Float> = -Float.infinity...Float.infinity
  ) -> [Double] {
    let keys = OrderedFloats(self, range)
    let upper = keys.upperCounts()
    let count = upper.reduce(0, +)
    guard count > 0 else { return probabilities.map { _ in .nan } }
    var lower: [Int: [Int]] = [:]
    /// The value with so many before it.
    func value(_ rank: Int) -> Double {
      let (bucket, rest) = Self.bucket(of: rank, in: upper)
      let counts = lower[bucket] ?? keys.lowerCounts(within: bucket)
      lower[bucket] = counts
      let bits = UInt32(bucket) << 16 | UInt32(Self.bucket(of: rest, in: counts).index)
      return Double(OrderedFloats.value(bits))
    }
    return probabilities.map { probability in
      let position = Swift.min(Swift.max(probability, 0), 1) * Double(count - 1)
      let before = Int(position)
      let low = value(before)
      let high = value(Swift.min(before + 1, count - 1))
      return low + (position - Double(before)) * (high - low)
    }
  }

  /// The median, see ``quantiles(_:within:)``.
  public func median(within range: ClosedRange<Float> = -Float.infinity...Float.infinity) -> Double {
    quantiles([0.5], within: range)[0]
  }

  private static func bucket(of rank: Int, in counts: [Int]) -> (index: Int, rest: Int) {
    var rest = rank
    for (index, count) in counts.enumerated() {
      if rest < count { return (index, rest) }
      rest -= count
    }
    return (counts.count - 1, 0)
  }
}

/// Numbers whose unsigned bits rise with the value.
private struct OrderedFloats {
  private let values: PagedArray<Float>
  private let range: ClosedRange<Float>

  init(_ values: PagedArray<Float>, _ range: ClosedRange<Float>) {
    self.values = values
    self.range = range
  }

  static func key(_ value: Float) -> UInt32 {
    let bits = value.bitPattern
    return bits >> 31 == 0 ? bits | 1 << 31 : ~bits
  }

  static func value(_ key: UInt32) -> Float { Float(bitPattern: key >> 31 == 1 ? key & ~(1 << 31) : ~key) }

  func upperCounts() -> [Int] {
    var counts = [Int](repeating: 0, count: 1 << 16)
    forEachKey { key in counts[Int(key >> 16)] += 1 }
    return counts
  }

  func lowerCounts(within bucket: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: 1 << 16)
    forEachKey { key in
      if key >> 16 == UInt32(bucket) { counts[Int(key & 0xffff)] += 1 }
    }
    return counts
  }

  private func forEachKey(_ body: (UInt32) -> Void) {
    let span = values.span
    values.memory.inBlocks(of: span.count, bytes: MemoryLayout<Float>.stride) { block in
      for index in block where range.contains(span[index]) { body(Self.key(span[index])) }
    }
  }
}
