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
      the labels. A sweep moves the threshold by a share of the contrast and gives every number that is asked
      for as a range: porosity, surface, chords, thickness, correlation, transport, or all.
      """)

  @Argument(help: "The grey volume.")
  var volume: String

  @Option(name: [.customShort("o"), .customLong("output")], help: "File for the labels (TIFF).")
  var output: String

  @Option(help: "Number of phases that Otsu's thresholds part.")
  var classes: Int = 2

  @Option(help: "Thresholds by hand, rising: one phase more than numbers.")
  var thresholds: NumberList?

  @Option(help: "Hysteresis: phase 1 above low, where connected to voxels above high.")
  var hysteresis: NumberPair?

  @Option(help: "none, median or nlm (non-local means).")
  var denoise: SegmentationOptions.Denoise = .none

  @Option(help: "Strength of non-local means in standard deviations of the noise.")
  var strength: Double = 1

  @Flag(help: "Take beam hardening away: a course of grey with the distance from the axis of rotation.")
  var correctRadial = false

  @Flag(help: "Take drift from slice to slice away.")
  var correctDrift = false

  @Option(help: "Give components with fewer voxels the label around them.")
  var minimumIsland: Int = 0

  @Option(help: "Neighbours of a voxel: 6, 18 or 26.")
  var connectivity: Connectivity = .six

  @Option(help: "Voxels that count: a volume of the same shape, above zero inside.")
  var mask: String?

  @Option(help: "Sweep the threshold by this share of the contrast.")
  var sweep: Double?

  @Option(help: "What the sweep measures, parted by commas.")
  var sweepMetrics: SweepMetricList = SweepMetricList(metrics: SegmentationFile.Sweep().metrics)

  @OptionGroup var input: VolumeInput
  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard thresholds == nil || hysteresis == nil else {
      throw ValidationError("choose one of --thresholds and --hysteresis")
    }
  }

  func run() throws {
    let console = common.console
    let resources = common.resources()
    let source = try input.open(volume, console: console)
    let region = try mask.map { try VolumeFile.open($0, options: VolumeOpenOptions()) }
    var method = SegmentationOptions.Method.otsu(classes: classes)
    if let thresholds { method = .fixed(thresholds.values) }
    if let hysteresis { method = .hysteresis(low: hysteresis.low, high: hysteresis.high) }
    let options = SegmentationOptions(
      method: method, denoise: denoise, strength: strength,
      bias: BiasModel.Options(radial: correctRadial, drift: correctDrift),
      minimumIsland: minimumIsland, connectivity: connectivity)
    var provenance = try Provenance(
      command: CommandLine.arguments, inputs: [volume] + (mask.map { [$0] } ?? []),
      threads: resources.threads)
    let summary = try provenance.timed("segment") { () throws(VoxelithError) in
      let segmentation = try Segmentation(
        source, mask: region, options: options, resources: resources)
      return try SegmentationFile.write(
        segmentation, to: output,
        sweep: sweep.map { SegmentationFile.Sweep(fraction: $0, metrics: sweepMetrics.metrics) },
        overwrite: outputOptions.overwrite, resources: resources)
    }
    let folder = output.lastIndex(of: "/").map { String(output[..<$0]) } ?? "."
    try provenance.write(to: folder, overwrite: true)
    try console.result(summary)
    let report = summary.segmentation
    console.say(
      "thresholds \(report.thresholds.map { Format.significant($0, 5) }.joined(separator: ", ")) (\(report.method))"
    )
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
