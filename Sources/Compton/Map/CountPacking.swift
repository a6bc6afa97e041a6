/// Counts of the fit's bins in groups of eight.
enum CountPacking {
  /// Copies counts into groups with 1 in the padding; false where one is negative or not finite.
  static func pack(_ window: Span<Float>, into packed: inout [SIMD8<Float>]) -> Bool {
    var lowest = SIMD8<Float>.zero
    var highest = SIMD8<Float>.zero
    let whole = window.count / 8
    for group in 0..<whole {
      let at = group * 8
      let value = SIMD8(
        window[at], window[at + 1], window[at + 2], window[at + 3], window[at + 4], window[at + 5],
        window[at + 6], window[at + 7])
      lowest = pointwiseMin(lowest, value)
      highest = pointwiseMax(highest, value)
      packed[group] = value
      if any(value .!= value) { return false }
    }
    if whole * 8 < window.count {
      var value = SIMD8<Float>(repeating: 1)
      for lane in 0..<(window.count - whole * 8) {
        let count = window[whole * 8 + lane]
        guard count >= 0, count.isFinite else { return false }
        value[lane] = count
      }
      packed[whole] = value
    }
    return lowest.min() >= 0 && highest.max() < .infinity
  }
}
