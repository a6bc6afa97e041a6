/// Counts of the fit's bins in groups of eight.
enum CountPacking {
  /// Copies counts into groups; false where one is negative or not finite.
  ///
  /// - Parameters:
  ///   - padding: fills the last group.
  static func pack(_ window: Span<Float>, into groups: inout [SIMD8<Float>], padding: Float = 1) -> Bool {
    var packed = groups.mutableSpan
    var lowest = SIMD8<Float>.zero
    var highest = SIMD8<Float>.zero
    var isNumber = SIMDMask<SIMD8<Int32>>(repeating: true)
    let whole = window.count / 8
    for group in 0..<whole {
      let at = group * 8
      let value = SIMD8(
        window[at], window[at + 1], window[at + 2], window[at + 3], window[at + 4], window[at + 5],
        window[at + 6], window[at + 7])
      lowest = smaller(lowest, value)
      highest = larger(highest, value)
      packed[group] = value
      isNumber = isNumber .& (value .== value)
    }
    if whole * 8 < window.count {
      var value = SIMD8<Float>(repeating: padding)
      for lane in 0..<(window.count - whole * 8) {
        let count = window[whole * 8 + lane]
        guard count >= 0, count.isFinite else { return false }
        value[lane] = count
      }
      packed[whole] = value
    }
    return all(isNumber) && lowest.min() >= 0 && highest.max() < .infinity
  }

  /// Sum of the counts without the padding of ones.
  static func total(_ packed: Span<SIMD8<Float>>, bins: Int) -> Double {
    var sum = SIMD8<Double>.zero
    for group in packed.indices { sum += SIMD8<Double>(packed[group]) }
    return sum.sum() - Double(8 * packed.count - bins)
  }
}
