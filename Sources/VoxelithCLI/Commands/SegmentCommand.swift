import ArgumentParser
import Voxelith

/// Grey values to phases.
struct SegmentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segment", abstract: "Turn grey values into phases.",
    discussion: """
      Examples:
        voxelith segment xct.tif -o labels.tif
        voxelith segment xct.tif -o labels.tif --classes 3 --denoise nlm --minimum-island 50
        voxelith segment xct.tif -o labels.tif --thresholds 90,140
        voxelith segment xct.tif -o labels.tif --sweep 0.1
        voxelith segment xct.tif -o labels.tif --sweep 0.1 --sweep-metrics porosity,thickness,transport

      Label 0 is the darkest phase; voxels outside the mask have label 255. Writes segment.json beside
      the labels. A sweep moves the threshold by a share of the contrast and reports each requested quantity
      as a range: porosity, surface, chords, thickness, correlation, transport, or all.
      """)

  @Argument(help: "The grey volume.")
  var volume: String

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: "File for the labels (.tif, .mha, .nrrd, .zarr, .h5 or .npy).")
  var output: String

  @Option(help: SegmentSettings.text(.classes))
  var classes: Int?

  @Option(help: SegmentSettings.text(.thresholds))
  var thresholds: NumberList?

  @Option(help: SegmentSettings.text(.hysteresis))
  var hysteresis: NumberPair?

  @Option(help: SegmentSettings.text(.denoise))
  var denoise: SegmentationOptions.Denoise?

  @Option(help: SegmentSettings.text(.strength))
  var strength: Double?

  @Flag(help: SegmentSettings.flag(.correctRadial))
  var correctRadial = false

  @Flag(help: SegmentSettings.flag(.correctDrift))
  var correctDrift = false

  @Option(help: SegmentSettings.text(.minimumIsland))
  var minimumIsland: Int?

  @Option(help: SegmentSettings.text(.connectivity))
  var connectivity: Connectivity?

  @Flag(inversion: .prefixedNo, help: SegmentSettings.flag(.partialVolume))
  var partialVolume: Bool?

  @Option(help: SegmentSettings.text(.mask))
  var mask: String?

  @Option(help: SegmentSettings.text(.sweep))
  var sweep: Double?

  @Option(help: SegmentSettings.text(.sweepMetrics))
  var sweepMetrics: SweepMetricList?

  @OptionGroup var input: VolumeInput
  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  private var settings: SegmentSettings {
    var settings = SegmentSettings()
    settings.classes = classes
    settings.thresholds = thresholds?.values
    settings.hysteresis = hysteresis.map { [$0.low, $0.high] }
    settings.denoise = denoise ?? settings.denoise
    settings.strength = strength ?? settings.strength
    settings.correctRadial = correctRadial
    settings.correctDrift = correctDrift
    settings.minimumIsland = minimumIsland ?? settings.minimumIsland
    settings.connectivity = connectivity ?? settings.connectivity
    settings.partialVolume = partialVolume
    settings.mask = mask
    settings.sweep = sweep
    settings.sweepMetrics = sweepMetrics?.metrics ?? settings.sweepMetrics
    return settings
  }

  func run() throws {
    let console = common.console
    let settings = settings
    let source = try input.open(volume, console: console)
    let beside = PathName.join(PathName.folder(of: output), "segment.json")
    let performance = try Performance(
      "segment", .file(output, others: [beside]), common, overwrite: outputOptions.overwrite,
      settings: ["segment": settings, "volume": input.settings],
      inputs: [volume] + [settings.mask].compactMap { $0 })
    let summary = try performance.run { resources in
      try settings.write(source, to: output, overwrite: outputOptions.overwrite, resources: resources)
    }.result
    try console.result(summary)
    let report = summary.segmentation
    if let outliers = report.outliers { console.notice(outliers.words(volume)) }
    console.say(
      "thresholds \(report.thresholds.map { Format.significant($0, 5) }.joined(separator: ", ")) (\(report.method))"
    )
    if let model = report.partialVolume {
      console.say(
        "blur of \(Format.significant(model.blur, 2)) voxels (standard deviation) taken out of the labels")
    }
    if let reason = report.partialVolumeReason {
      console.notice(
        "edges between two phases may pass for a third of middle grey: the blur of the scan is not taken out of the labels, since \(reason)"
      )
    }
    for phase in report.phases {
      console.say("phase \(phase.label)  \(Format.percent(phase.fraction))  \(phase.voxels) voxels")
    }
    for (name, range) in summary.sweep?.ranges.sorted(by: { $0.key < $1.key }) ?? [] {
      console.say(
        "\(name)  \(Format.significant(range.value, 4))  (\(Format.significant(range.low, 4)) to \(Format.significant(range.high, 4)))"
      )
    }
    console.say("wrote \(output)")
  }
}

/// Metrics parted by commas, or `all`.
struct SweepMetricList: ExpressibleByArgument, Sendable {
  let metrics: [SweepMetric]

  init(metrics: [SweepMetric]) { self.metrics = metrics }

  init?(argument: String) {
    let names = argument.split(separator: ",", omittingEmptySubsequences: false)
    metrics =
      argument == "all" ? SweepMetric.allCases : names.compactMap { SweepMetric(rawValue: String($0)) }
    guard argument == "all" || metrics.count == names.count else { return nil }
  }

  var defaultValueDescription: String { metrics.map(\.rawValue).joined(separator: ",") }
}
