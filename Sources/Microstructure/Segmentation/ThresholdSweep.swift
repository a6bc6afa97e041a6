public import Volumetry

/// What the choice of a threshold does to a number: the same measurement over a range of thresholds.
public struct ThresholdSweep: Sendable, Hashable, Codable {
  /// Measurements at one threshold.
  public struct Row: Sendable, Hashable, Codable {
    public let threshold: Double
    /// What does not exist at a threshold, for instance a tortuosity without percolation, is left out.
    public let values: [String: Double]
  }

  /// The range of a number over all thresholds; the value is that at the nominal one.
  public struct Range: Sendable, Hashable, Codable {
    public let value: Double?
    public let low: Double
    public let high: Double
  }

  public let nominal: Double
  public let rows: [Row]
  public let ranges: [String: Range]

  /// Thresholds about one that separates two classes: `count` of them, from `-fraction` to
  /// `+fraction` of the distance between the means of the classes, the nominal one in the middle.
  ///
  /// - Throws: `usage` for fewer than one threshold or a fraction outside 0 to 0.5, `data` where a
  ///   class is empty.
  public static func thresholds(
    about nominal: Double, in histogram: GreyHistogram, fraction: Double = 0.1, count: Int = 5
  ) throws(VoxelithError) -> [Double] {
    guard count >= 1 && fraction >= 0 && fraction <= 0.5 else {
      throw VoxelithError(
        .usage, "a sweep of \(count) thresholds over \(fraction) of the contrast",
        advice: "choose at least one threshold and a fraction from 0 to 0.5")
    }
    let contrast =
      histogram.mean(above: nominal, upTo: .infinity)
      - histogram.mean(above: -.infinity, upTo: nominal)
    guard contrast.isFinite else {
      throw VoxelithError(.data, "no grey values on one side of the threshold \(nominal)")
    }
    let half = count / 2
    return (0..<(2 * half + 1)).map { k in
      nominal + (half == 0 ? 0 : Double(k - half) / Double(half)) * fraction * contrast
    }
  }

  /// Measures at each threshold.
  ///
  /// - Parameters:
  ///   - nominal: the threshold of the value itself; it is measured too.
  ///   - measure: numbers by name (NaN for none) from the labels 0 (below) and 1 (above), which stream: porosity,
  ///     surface, tortuosity: whatever reads a `VolumeSource` can join.
  public static func run(
    _ source: any VolumeSource, mask: (any VolumeSource)? = nil, nominal: Double,
    thresholds: [Double], outsideLabel: UInt8 = 255,
    measure: (_ labels: any VolumeSource, _ threshold: Double) throws(VoxelithError) -> [String: Double]
  ) throws(VoxelithError) -> ThresholdSweep {
    var rows: [Row] = []
    let all = (thresholds + [nominal]).sorted()
    for (index, threshold) in all.enumerated() where index == 0 || all[index - 1] < threshold {
      let view = try ThresholdView(
        source, mask: mask, thresholds: [threshold], outsideLabel: outsideLabel)
      let values = try measure(view, threshold).filter { $0.value.isFinite }
      rows.append(Row(threshold: threshold, values: values))
    }
    var ranges: [String: Range] = [:]
    for name in Set(rows.flatMap { $0.values.keys }) {
      let found = rows.compactMap { $0.values[name] }
      guard let low = found.min(), let high = found.max() else { continue }
      let value = rows.first { $0.threshold == nominal }?.values[name]
      ranges[name] = Range(
        value: value, low: low, high: high)
    }
    return ThresholdSweep(nominal: nominal, rows: rows, ranges: ranges)
  }
}
