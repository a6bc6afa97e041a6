import Foundation

/// How often pairs of grey values go together.
enum JointHistogram {
  /// For each of some voxels the logarithm of how much likelier its pair of values is than by chance: what it adds to
  /// the mutual information.
  ///
  /// - Parameter samples: of the forward model, four numbers a voxel.
  static func logarithms(_ values: [Float], _ samples: [Float], of voxels: [Int]) -> [Double] {
    let bins = 24
    let rows = Binning(voxels.map { values[$0] }, bins: bins)
    let columns = Binning(voxels.map { samples[4 * $0] }, bins: bins)
    var counts = [Double](repeating: 0, count: bins * bins)
    for k in voxels.indices { counts[rows.numbers[k] * bins + columns.numbers[k]] += 1 }
    counts = smoothed(counts, bins)
    var (ofRow, ofColumn) = ([Double](repeating: 0, count: bins), [Double](repeating: 0, count: bins))
    for i in 0..<bins {
      for j in 0..<bins {
        ofRow[i] += counts[i * bins + j]
        ofColumn[j] += counts[i * bins + j]
      }
    }
    let total = Double(voxels.count)
    return voxels.indices.map { k in
      let (i, j) = (rows.numbers[k], columns.numbers[k])
      return log(counts[i * bins + j] * total / (ofRow[i] * ofColumn[j]))
    }
  }

  /// Mean over neighbours with weights 1, 2, 1 along both axes; what falls off an end stays on it.
  private static func smoothed(_ counts: [Double], _ bins: Int) -> [Double] {
    func pass(_ from: [Double], _ stride: Int, _ other: Int) -> [Double] {
      var result = from
      for k in 0..<bins {
        for i in 0..<bins {
          let at = k * other + i * stride
          let below = from[k * other + max(0, i - 1) * stride]
          let above = from[k * other + min(bins - 1, i + 1) * stride]
          result[at] = 0.25 * below + 0.5 * from[at] + 0.25 * above
        }
      }
      return result
    }
    return pass(pass(counts, 1, bins), bins, 1)
  }

  /// Equal bins from the 0.2 to the 99.8 % quantile.
  private struct Binning {
    let numbers: [Int]

    init(_ values: [Float], bins: Int) {
      let step = max(1, values.count / 50_000)
      let sorted = stride(from: 0, to: values.count, by: step).map { values[$0] }.sorted()
      let low = sorted[Int(0.002 * Double(sorted.count - 1))]
      let high = sorted[Int(0.998 * Double(sorted.count - 1))]
      let scale = high > low ? Float(bins) / (high - low) : 0
      numbers = values.map { max(0, min(bins - 1, Int((min(max($0, low), high) - low) * scale))) }
    }
  }
}
