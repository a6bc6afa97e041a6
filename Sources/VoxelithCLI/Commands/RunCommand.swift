import ArgumentParser
import Foundation
import Voxelith

/// The pipeline.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a pipeline: calibrate, map, figures.",
    discussion: """
      Example:
        voxelith run pipeline.yaml -o results
        voxelith run pipeline.yaml -o results --resume
      """)

  @Argument(help: "The pipeline (YAML).")
  var pipeline: String

  @Option(name: [.customShort("o"), .customLong("output")], help: "Folder for the stages' folders.")
  var output: String

  @Option(help: "Run one stage; those before it must be done.")
  var only: String?

  @Flag(help: "Keep finished stages whose inputs and parameters are the same.")
  var resume = false

  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let outcomes = try Pipeline(pipeline).run(
      into: output, only: only, resume: resume, overwrite: outputOptions.overwrite,
      command: CommandLine.arguments, resources: common.resources())
    try common.console.result(outcomes)
    for outcome in outcomes {
      common.console.say(
        outcome.name.padding(toLength: 12, withPad: " ", startingAt: 0)
          + (outcome.wasUpToDate ? "up to date" : Format.fixed(outcome.seconds, 2) + " s")
          + "  \(outcome.folder)")
    }
  }
}

/// Validates a pipeline.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Validate a pipeline and estimate its memory and time.",
    discussion: """
      Example:
        voxelith check pipeline.yaml
      """)

  @Argument(help: "The pipeline (YAML).")
  var pipeline: String

  @OptionGroup var common: CommonOptions

  func run() throws {
    let check = try PipelineCheck(Pipeline(pipeline), resources: common.resources())
    try common.console.result(check)
    let console = common.console
    for notice in check.notices { console.notice(notice) }
    console.say("stages   \(check.stages.joined(separator: ", "))")
    console.say("spectra  \(check.voxels) voxels of \(check.bins) bins")
    console.say("memory   about \(check.peakBytes / 1_000_000 + 1) MB")
    console.say("time     about \(Format.significant(check.estimatedSeconds, 2)) s for the map")
    console.say("the pipeline can run")
  }
}
