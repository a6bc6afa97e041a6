import Foundation
public import Microstructure
import Readers
public import Volumetry

/// Writes a segmentation: the labels as a volume of the kind that its name ends in, and `segment.json` beside them.
public enum SegmentationFile {
  /// A sweep of the threshold about the one that was found.
  public struct Sweep: Sendable {
    /// Share of the contrast between the classes that the threshold moves to each side.
    public var fraction: Double
    public var count: Int
    public var metrics: [SweepMetric]

    public init(
      fraction: Double = 0.1, count: Int = 5, metrics: [SweepMetric] = [.porosity, .surface, .chords]
    ) {
      self.fraction = fraction
      self.count = count
      self.metrics = metrics
    }
  }

  /// - Parameters:
  ///   - sweep: measures the darker phase over a range of thresholds; for two classes only.
  /// - Throws: `cannotCreate` where an output exists and may not be overwritten; errors of the
  ///   segmentation.
  @discardableResult
  public static func write(
    _ segmentation: Segmentation, to path: String, sweep: Sweep? = nil, overwrite: Bool,
    resources: Resources
  ) throws(VoxelithError) -> SegmentationSummary {
    let cut = path.lastIndex(of: "/")
    let folder = cut.map { String(path[..<$0]) } ?? "."
    try OutputFile.prepareFolder(folder)
    try OutputFile.check(folder + "/segment.json", overwrite: overwrite)
    let grid = segmentation.prepared.grid
    let sink = try VolumeOutput.create(
      path, grid: grid, type: .uint8, isLabels: true, overwrite: overwrite, threads: resources.threads)
    let report = try segmentation.run(into: sink, resources: resources)
    let ranges = try sweep.map { (sweep) throws(VoxelithError) in
      try measure(segmentation, sweep, resources: resources)
    }
    let summary = SegmentationSummary(
      labels: cut.map { String(path[path.index(after: $0)...]) } ?? path,
      outsideLabel: report.outsideVoxels > 0 ? Int(segmentation.options.outsideLabel) : nil,
      segmentation: report, voxelSize: Axis.allCases.map { grid.spacing(along: $0) }, sweep: ranges)
    try JSONOutput.write(summary, to: folder + "/segment.json", overwrite: overwrite)
    return summary
  }

  /// The `segment.json` that lies beside labels and speaks of them; nil where there is none.
  package static func companion(of labels: String) -> String? {
    let cut = labels.lastIndex(of: "/")
    let path = (cut.map { String(labels[...$0]) } ?? "") + "segment.json"
    let name = cut.map { String(labels[labels.index(after: $0)...]) } ?? labels
    guard let data = FileManager.default.contents(atPath: path),
      let note = try? JSONDecoder().decode(OutsideNote.self, from: data), note.labels == name
    else { return nil }
    return path
  }

  /// The label of voxels outside the sample, where `segment` wrote the labels and left voxels out; nil where nothing is outside.
  public static func outside(of labels: String) -> UInt32? {
    guard let path = companion(of: labels), let data = FileManager.default.contents(atPath: path) else {
      return nil
    }
    return (try? JSONDecoder().decode(OutsideNote.self, from: data))?.outside
  }

  /// What is said of the label that the file of labels, and not the user, says is outside; nil where there is none.
  public static func outsideNotice(of labels: String, unless told: UInt32?) -> String? {
    guard told == nil, let label = outside(of: labels) else { return nil }
    return "voxels of label \(label) lie outside the sample, as segment.json beside the labels says"
  }

  private struct OutsideNote: Decodable {
    let labels: String
    let outside: UInt32?

    enum CodingKeys: String, CodingKey {
      case labels
      case outside = "outside_label"
    }
  }

  private static func measure(
    _ segmentation: Segmentation, _ sweep: Sweep, resources: Resources
  ) throws(VoxelithError) -> ThresholdSweep {
    guard segmentation.thresholds.count == 1 else {
      throw VoxelithError(
        .usage, "a sweep moves one threshold, and there are \(segmentation.thresholds.count)",
        advice: "sweep with two classes")
    }
    let nominal = segmentation.thresholds[0]
    var histogram = segmentation.histogram
    if histogram == nil {
      histogram = try GreyHistogram.gather(
        segmentation.prepared, mask: segmentation.mask, resources: resources)
    }
    let outside = segmentation.options.outsideLabel
    let thresholds = try histogram.map { (counts) throws(VoxelithError) in
      try ThresholdSweep.thresholds(
        about: nominal, in: counts, fraction: sweep.fraction, count: sweep.count)
    }
    return try ThresholdSweep.run(
      segmentation.prepared, mask: segmentation.mask, nominal: nominal,
      thresholds: thresholds ?? [nominal], outsideLabel: outside
    ) { (labels, _) throws(VoxelithError) in
      let pores = PhaseLabels(labels, phase: 0, outside: UInt32(outside))
      var values: [String: Double] = [:]
      for metric in sweep.metrics {
        values.merge(try metric.values(of: pores, resources: resources)) { $1 }
      }
      return values
    }
  }
}

/// The content of `segment.json`.
public struct SegmentationSummary: Codable, Sendable {
  /// Name of the file of the labels, which lies in the same folder; none in files of early versions.
  public let labels: String?
  /// Label of voxels outside the sample; none where no voxel is.
  public let outsideLabel: Int?
  public let segmentation: SegmentationReport
  public let voxelSize: [Double]
  public let sweep: ThresholdSweep?

  enum CodingKeys: String, CodingKey {
    case labels, segmentation, sweep
    case outsideLabel = "outside_label"
    case voxelSize = "voxel_size_um"
  }
}
