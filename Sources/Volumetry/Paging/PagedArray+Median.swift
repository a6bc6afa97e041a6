extension PagedArray where Element == Double {
  /// The median as ``Quantiles/median(_:)`` has it, without sorting or copying: NaN is left out, NaN for no values.
  ///
  /// Four passes for each of the two values in the middle: counts by 16 bits of a value find the next 16.
  public func median() -> Double {
    var count = 0
    forEachKey { _ in count += 1 }
    guard count > 0 else { return .nan }
    let low = value((count - 1) / 2)
    let high = value(count / 2)
    let position = 0.5 * Double(count - 1)
    return low + (position - Double(Int(position))) * (high - low)
  }

  /// The value with so many before it.
  private func value(_ rank: Int) -> Double {
    var rest = rank
    var prefix: UInt64 = 0
    for shift in [48, 32, 16, 0] as [UInt64] {
      var counts = [Int](repeating: 0, count: 1 << 16)
      let above = (~UInt64(0) << shift) << 16
      forEachKey { key in
        if key & above == prefix { counts[Int((key >> shift) & 0xffff)] += 1 }
      }
      var digit = 0
      while digit < 0xffff, rest >= counts[digit] {
        rest -= counts[digit]
        digit += 1
      }
      prefix |= UInt64(digit) << shift
    }
    return Double(bitPattern: prefix >> 63 == 1 ? prefix & ~(1 << 63) : ~prefix)
  }

  /// Numbers whose unsigned bits rise with the value.
  private func forEachKey(_ body: (UInt64) -> Void) {
    let values = span
    memory.inBlocks(of: values.count, bytes: MemoryLayout<Double>.stride) { block in
      for index in block where !values[index].isNaN {
        let bits = values[index].bitPattern
        body(bits >> 63 == 0 ? bits | 1 << 63 : ~bits)
      }
    }
  }
}
