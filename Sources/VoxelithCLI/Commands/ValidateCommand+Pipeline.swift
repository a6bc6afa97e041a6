import ArgumentParser
import Foundation
import Voxelith

/// What `validate` runs.
enum ValidationCase: String, ExpressibleByArgument, CaseIterable {
  case clean
  case mixture
  case pipeline

  var kind: ValidationSettings.Kind? { ValidationSettings.Kind(rawValue: rawValue) }
}

/// The twins of `--case pipeline`.
struct PipelineTwins: ParsableArguments {
  @Option(help: "Number of twins; 20 if not given.")
  var seeds: Int?

  @Option(help: "Change of x by one of the active fraction; none if not given.")
  var slope: Double?

  @Option(help: "Labels to make the twins of, in place of made-up cathodes.")
  var labels: String?

  @Option(help: "Label of the active material; 1 if not given.")
  var activeLabel: Int?

  @Option(help: "XCT voxels along the side of an XCS voxel; 8 if not given.")
  var ratio: Int?

  @Option(help: "Standard deviation of the XCS point spread in µm; 5 if not given.")
  var psfUm: Double?

  @Flag(help: "Have the pipeline find the phases in the grey values.")
  var segment = false

  var isGiven: Bool {
    seeds != nil || slope != nil || labels != nil || activeLabel != nil || ratio != nil || psfUm != nil
      || segment
  }
}

extension ValidateCommand {
  func runPipeline() throws {
    let console = common.console
    let resources = common.resources()
    var settings = PipelineValidation.Settings()
    if let seeds = pipeline.seeds { settings.seeds = seeds }
    if let slope = pipeline.slope { settings.slope = slope }
    if let ratio = pipeline.ratio { settings.ratio = ratio }
    if let spread = pipeline.psfUm { settings.pointSpread = spread }
    if let active = pipeline.activeLabel { settings.activeLabel = active }
    settings.labels = pipeline.labels
    settings.segments = pipeline.segment
    settings.firstSeed = instrument.seed
    if counts.values.count == 1 { settings.counts = counts.values[0] }
    let validation = try PipelineValidation(settings)
    try PipelineCoverage.check(output, overwrite: outputOptions.overwrite)
    var provenance = try Provenance(
      command: CommandLine.arguments, inputs: [pipeline.labels].compactMap { $0 },
      seeds: ["twins": settings.firstSeed], threads: resources.threads)
    let work = output + "/twins.part"
    defer { try? FileManager.default.removeItem(atPath: work) }
    let coverage = try provenance.timed("validate") { () throws(VoxelithError) in
      try validation.run(in: work, resources: resources)
    }
    try coverage.write(to: output, overwrite: outputOptions.overwrite)
    try provenance.write(to: output, overwrite: true)
    try console.result(coverage)
    for check in coverage.checks {
      console.say(
        "\(check.name): \(check.held) of \(check.of) (\(Format.fixed(100 * check.low, 0)) to \(Format.fixed(100 * check.high, 0)) %; target \(Format.fixed(100 * check.nominal, 0)) %)"
      )
    }
    console.say(
      "mean of x: off by \(Format.fixed(coverage.meanBias, 4)), spread \(Format.fixed(coverage.meanSpread, 4)), said \(Format.fixed(coverage.meanSaid, 4))"
    )
    console.say("wrote \(output): \(PipelineCoverage.files.joined(separator: " "))")
  }
}
