import CRegistrationKernels
import Volumetry

/// Normalised mutual information from a joint histogram smoothed by cubic B-splines in the moving value
/// (Mattes et al., IEEE Trans. Med. Imaging 22 (2003) 120; Thevenaz and Unser, IEEE Trans. Image
/// Process. 9 (2000) 2083) and split linearly between two bins in the fixed one.
///
/// Each voxel's score is the derivative of `log p(f, m)` times the information minus that of `log p(m)`;
/// the sum of the squares of `d/dm log p(f | m)` stands for the curvature, as in the method of scoring
/// (Berndt, Hall, Hall and Hausman 1974): mutual information is a likelihood whose model is the histogram.
struct MutualInformationMetric: Metric {
  let bins = 32
  /// Ranges of the values that the bins span.
  let fixedRange: ClosedRange<Float>
  let movingRange: ClosedRange<Float>
  var hasNuisances: Bool { false }

  /// Nil where one side is constant.
  init?(fixed: FixedSamples, moving: WorkingImage) {
    guard let f = Self.range(fixed.values), let m = Self.range(moving.voxels) else { return nil }
    fixedRange = f
    movingRange = m
  }

  /// From the 0.2 to the 99.8 % quantile of at most 30 000 evenly spread values.
  private static func range(_ values: [Float]) -> ClosedRange<Float>? {
    let step = max(1, values.count / 30_000)
    let sorted = stride(from: 0, to: values.count, by: step).map { values[$0] }
      .filter { $0.isFinite }.sorted()
    guard let least = sorted.first, let most = sorted.last, least < most else { return nil }
    let low = sorted[Int(0.002 * Double(sorted.count - 1))]
    let high = sorted[Int(0.998 * Double(sorted.count - 1))]
    return low < high ? low...high : least...most
  }

  /// Columns of the histogram: `bins` knots and the support of the spline on both sides.
  private var columns: Int { bins + 3 }

  private var kernelBins: vrk_bins {
    vrk_bins(
      fixed_low: fixedRange.lowerBound, fixed_high: fixedRange.upperBound, moving_low: movingRange.lowerBound,
      moving_high: movingRange.upperBound, count: Int32(bins))
  }

  func evaluate(_ samples: [Float], fixed: FixedSamples, active: [Bool], threads: Int) -> Evaluation? {
    let values = fixed.values
    let slice = fixed.lattice.shape.y * fixed.lattice.shape.x
    let partial =
      (try? Parallel.map(fixed.lattice.shape.z, threads: threads) {
        (z) throws(VoxelithError) -> (joint: [Float], sums: PairSums) in
        count((z * slice)..<((z + 1) * slice), values.span, samples.span, active.span)
      }) ?? []
    var counts = [Double](repeating: 0, count: bins * columns)
    var sums = PairSums()
    for part in partial {
      for i in counts.indices { counts[i] += Double(part.joint[i]) }
      sums = sums + part.sums
    }
    guard sums.count > 50, !sums.isConstant else { return nil }
    guard let table = InformationTable(counts, rows: bins, columns: columns, total: Double(sums.count)) else {
      return nil
    }
    // Scores and curvatures side by side.
    var pairs = [SIMD2<Float>](repeating: .zero, count: values.count)
    Parallel.forEachSlab(of: &pairs, stride: slice, threads: threads) { z, slab in
      score(z * slice, values.span, samples.span, active.span, table, into: &slab)
    }
    return Evaluation(
      cost: -table.information, count: sums.count, scores: pairs.map { $0.x }, curvatures: pairs.map { $0.y },
      correlation: sums.correlation)
  }

  /// Histogram and moments of a slice.
  private func count(
    _ range: Range<Int>, _ values: Span<Float>, _ samples: Span<Float>, _ active: Span<Bool>
  ) -> (joint: [Float], sums: PairSums) {
    var joint = [Float](repeating: 0, count: bins * columns)
    var moments = [Double](repeating: 0, count: 5)
    var found = 0
    var kernel = kernelBins
    unsafe values.extracting(range).withUnsafeBufferPointer { values in
      unsafe samples.extracting((4 * range.lowerBound)..<(4 * range.upperBound)).withUnsafeBufferPointer {
        samples in
        unsafe active.extracting(range).withUnsafeBufferPointer { active in
          unsafe vrk_count_pairs(
            &kernel, values.baseAddress, samples.baseAddress, active.baseAddress, values.count, &joint,
            &moments,
            &found)
        }
      }
    }
    let sums = PairSums(
      w: Double(found), f: moments[0], m: moments[1], ff: moments[2], fm: moments[3], mm: moments[4],
      count: found)
    return (joint, sums)
  }

  /// Score and curvature of every voxel of a slice that takes part.
  private func score(
    _ first: Int, _ values: Span<Float>, _ samples: Span<Float>, _ active: Span<Bool>,
    _ table: InformationTable, into slab: inout MutableSpan<SIMD2<Float>>
  ) {
    precondition(table.joint.count == bins * columns && table.marginal.count == columns)
    let range = first..<(first + slab.count)
    var kernel = kernelBins
    unsafe values.extracting(range).withUnsafeBufferPointer { values in
      unsafe samples.extracting((4 * range.lowerBound)..<(4 * range.upperBound)).withUnsafeBufferPointer {
        samples in
        unsafe active.extracting(range).withUnsafeBufferPointer { active in
          unsafe slab.withUnsafeMutableBytes { scores in
            unsafe vrk_score_pairs(
              &kernel, table.joint, table.marginal, Float(table.information), values.baseAddress,
              samples.baseAddress, active.baseAddress, values.count,
              scores.baseAddress?.assumingMemoryBound(to: Float.self))
          }
        }
      }
    }
  }
}
