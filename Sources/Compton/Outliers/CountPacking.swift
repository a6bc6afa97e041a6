import CComptonKernels

/// Counts of the fit's bins in groups of eight.
enum CountPacking {
  /// Copies counts into groups and adds them up; nil where one is negative or not finite.
  ///
  /// - Parameter padding: fills the last group, and takes no part in the sum.
  static func pack(_ window: Span<Float>, into groups: inout [SIMD8<Float>], padding: Float = 1) -> Double? {
    let bins = window.count
    precondition(groups.count == (bins + 7) / 8)
    var total = 0.0
    let isGood = unsafe window.withUnsafeBufferPointer { counts in
      unsafe groups.withUnsafeMutableBytes { target in
        unsafe vck_pack(
          counts.baseAddress, bins, padding, target.baseAddress?.assumingMemoryBound(to: Float.self), &total)
      }
    }
    return isGood == 0 ? nil : total - Double(padding) * Double(8 * groups.count - bins)
  }

  /// Adds counts to sums, exactly: what is no whole number is rounded to 2^-20.
  static func accumulate(_ packed: Span<SIMD8<Float>>, into sums: inout [Double]) {
    precondition(sums.count >= 8 * packed.count)
    unsafe packed.withUnsafeBytes { counts in
      unsafe vck_accumulate(
        counts.baseAddress?.assumingMemoryBound(to: Float.self), packed.count, &sums)
    }
  }

  /// Sum of each of the spectra of `bins` numbers that lie one after another; NaN where a bin is no number.
  static func totals(_ counts: Span<Float>, bins: Int, voxels: Int) -> [Float] {
    precondition(counts.count >= bins * voxels)
    return unsafe [Float](unsafeUninitializedCapacity: voxels) { target, filled in
      unsafe counts.withUnsafeBufferPointer { numbers in
        unsafe vck_totals(numbers.baseAddress, bins, voxels, target.baseAddress)
      }
      filled = voxels
    }
  }

  /// Sum of the counts without the padding of ones.
  static func total(_ packed: Span<SIMD8<Float>>, bins: Int) -> Double {
    var sum = SIMD8<Double>.zero
    for group in packed.indices { sum += SIMD8<Double>(packed[group]) }
    return sum.sum() - Double(8 * packed.count - bins)
  }
}
