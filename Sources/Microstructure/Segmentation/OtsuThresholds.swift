public import Volumetry

/// Thresholds that separate grey values best into classes (N. Otsu, IEEE Trans. SMC 9 (1979) 62):
/// they maximise the variance between the classes.
public enum OtsuThresholds {
  /// - Parameters:
  ///   - classes: two or more.
  /// - Returns: `classes - 1` thresholds in rising order; a value belongs to the class above where
  ///   it exceeds the threshold. With more than two classes the histogram is condensed to at most
  ///   1024 bins; the optimum over them is exact (dynamic programming; D.-Y. Huang and C.-H. Wang,
  ///   Pattern Recognit. Lett. 30 (2009) 275).
  /// - Throws: `usage` for fewer than two classes, `data` where the volume has fewer distinct
  ///   values than classes.
  public static func thresholds(
    _ histogram: GreyHistogram, classes: Int = 2
  ) throws(VoxelithError) -> [Double] {
    guard classes >= 2 && classes <= 16 else {
      throw VoxelithError(.usage, "\(classes) classes: Otsu's method takes from 2 to 16")
    }
    let small = histogram.condensed(to: classes == 2 ? 65536 : 1024)
    let distinct = small.counts.count { $0 > 0 }
    guard distinct >= classes else {
      throw VoxelithError(
        .data, "the volume has \(distinct) distinct grey values, too few for \(classes) classes",
        advice: "a constant volume has no phases; give thresholds to set them by hand")
    }
    let n = small.counts.count
    var weight = [Double](repeating: 0, count: n + 1)
    var moment = weight
    for bin in 0..<n {
      weight[bin + 1] = weight[bin] + Double(small.counts[bin])
      moment[bin + 1] = moment[bin] + Double(small.counts[bin]) * Double(bin)
    }
    /// Share of the variance between classes of the bins a ..< b.
    func merit(_ a: Int, _ b: Int) -> Double {
      let w = weight[b] - weight[a]
      guard w > 0 else { return 0 }
      let m = moment[b] - moment[a]
      return m * m / w
    }
    var best = (0...n).map { merit(0, $0) }
    var cuts: [[Int]] = []
    for level in 1..<classes {
      var next = [Double](repeating: -.infinity, count: n + 1)
      var cut = [Int](repeating: 0, count: n + 1)
      let ends = level == classes - 1 ? n..<(n + 1) : (level + 1)..<(n + 1)
      for end in ends {
        for start in level..<end where small.counts[start - 1] > 0 {
          let value = best[start] + merit(start, end)
          if value > next[end] { (next[end], cut[end]) = (value, start) }
        }
      }
      best = next
      cuts.append(cut)
    }
    var result: [Double] = []
    var end = n
    for cut in cuts.reversed() {
      end = cut[end]
      // Between the last value below and the first above: with a gap, every cut in it is as good.
      let above = small.counts[end...].firstIndex { $0 > 0 } ?? end
      result.append(0.5 * (small.upperEdge(end - 1) + small.upperEdge(above - 1)))
    }
    return result.reversed()
  }
}
