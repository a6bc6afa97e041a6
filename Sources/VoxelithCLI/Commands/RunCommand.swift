import ArgumentParser
import Foundation
import Voxelith

/// The pipeline.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a pipeline: from spectra and XCT to lithium on microstructure.",
    discussion: """
      Examples:
        voxelith run pipeline.yaml -o results
        voxelith run pipeline.yaml -o results --resume
        voxelith run pipeline.yaml -o results --shard 3/16

      Stages, each a folder in the output: inspect, calibrate, segment, orient, pores, transport, map-plain (as if
      the active material were alone), register, fractions, fields, map (with fractions), correlate, figures, report. Those whose inputs
      the YAML does not name are left out; voxelith check says which ones and why.
      """)

  @Argument(help: "The pipeline (YAML).")
  var pipeline: String

  @Option(name: [.customShort("o"), .customLong("output")], help: "Folder for the stages' folders.")
  var output: String

  @Option(help: "Run one stage; those before it must be done.")
  var only: String?

  @Option(help: "Stop before this stage.")
  var before: String?

  @Option(
    help:
      "Make part i of n (i/n) of a map; the stages before it must be done. Parts are put together by merge.")
  var shard: String?

  @Flag(help: "Keep finished stages whose inputs and parameters are the same.")
  var resume = false

  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var crate: CrateOption
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard shard == nil || !crate.roCrate else {
      throw ValidationError("--ro-crate describes whole results and not a --shard")
    }
  }

  func run() throws {
    if let shard { return try run(shard) }
    try crate.check(output, overwrite: outputOptions.overwrite || resume)
    let outcomes = try Pipeline(pipeline).run(
      into: output, only: only, before: before, resume: resume, overwrite: outputOptions.overwrite,
      command: CommandLine.arguments, resources: common.resources())
    if crate.roCrate { try ResearchCrate.write(output, overwrite: outputOptions.overwrite || resume) }
    try common.console.result(outcomes)
    for outcome in outcomes {
      common.console.say(
        outcome.name.padding(toLength: 12, withPad: " ", startingAt: 0)
          + (outcome.wasUpToDate ? "up to date" : Format.fixed(outcome.seconds, 2) + " s")
          + "  \(outcome.folder)")
    }
  }
}

extension RunCommand {
  private func run(_ text: String) throws {
    guard let shard = Shard(text) else {
      throw VoxelithError(.usage, "'\(text)' is not a shard", advice: "write i/n, from 1/n to n/n")
    }
    let outcome = try Pipeline(pipeline).run(
      shard, of: only ?? "map", into: output, command: CommandLine.arguments, resources: common.resources())
    try common.console.result(outcome)
    common.console.say(
      "\(outcome.folder)  " + (outcome.wasUpToDate ? "up to date" : Format.fixed(outcome.seconds, 2) + " s"))
  }
}

/// Validates a pipeline.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check a pipeline file and estimate its memory and time.",
    discussion: """
      Example:
        voxelith check pipeline.yaml

      With --portable it lists every file that the pipeline reads and every file these refer to, and fails where one would
      not be found if the folder of the pipeline were moved or sent.
      """)

  @Argument(help: "The pipeline (YAML).")
  var pipeline: String

  @Flag(help: "Tell whether the folder of the pipeline holds all that it reads.")
  var portable = false

  @OptionGroup var common: CommonOptions

  func run() throws {
    if portable { return try listFiles() }
    let check = try PipelineCheck(Pipeline(pipeline), resources: common.resources())
    let console = common.console.answering
    try console.result(check)
    for notice in check.notices { console.notice(notice) }
    console.say("spectra  \(check.voxels) voxels of \(check.bins) bins")
    if let fine = check.fineShape {
      console.say("XCT      \(fine.map(String.init).joined(separator: " x ")) voxels (z, y, x)")
    }
    let isPaged = check.estimates.contains { $0.diskBytes > 0 }
    console.say("stage        about s   about MB" + (isPaged ? "   about MB on disk" : ""))
    for stage in check.estimates {
      console.say(
        stage.name.padding(toLength: 12, withPad: " ", startingAt: 0)
          + Self.right(Format.significant(stage.seconds, 2), 8)
          + Self.right("\(stage.peakBytes / 1_000_000 + 1)", 11)
          + (stage.diskBytes > 0 ? Self.right("\(stage.diskBytes / 1_000_000 + 1)", 18) : ""))
    }
    console.say(
      "all         " + Self.right(Format.significant(check.estimatedSeconds, 2), 8)
        + Self.right("\(check.peakBytes / 1_000_000 + 1)", 11))
    for (stage, reason) in check.leftOut.sorted(by: { $0.key < $1.key }) {
      console.say("left out     \(stage): \(reason)")
    }
    console.say("the pipeline can run")
  }

  private func listFiles() throws {
    let list = try PipelineFiles(Pipeline(pipeline))
    let console = common.console.answering
    try console.result(list)
    for file in list.files {
      console.say("\(file.path)" + (file.way == .named ? "" : "  (\(file.way.rawValue))"))
    }
    let apart = list.files.filter { $0.problem != nil }
    guard let first = apart.first, let problem = first.problem else {
      return console.say("all \(list.files.count) files are in the folder of the pipeline")
    }
    throw VoxelithError(
      .data, "\(first.path) \(problem)" + (apart.count > 1 ? ", and \(apart.count - 1) more" : ""),
      file: pipeline,
      advice: "put the files beside the pipeline and name them by relative paths")
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
