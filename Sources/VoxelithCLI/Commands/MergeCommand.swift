import ArgumentParser
import Voxelith

/// Puts shards together.
struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge", abstract: "Put the shards of a map together.",
    discussion: """
      Example:
        voxelith run pipeline.yaml -o results --before map
        voxelith run pipeline.yaml -o results --shard 1/2
        voxelith run pipeline.yaml -o results --shard 2/2
        voxelith merge pipeline.yaml -o results
        voxelith run pipeline.yaml -o results --resume

      Every file of every shard is first compared with its checksum. The result has the bytes of a map that was made
      at once.
      """)

  @Argument(help: "The pipeline (YAML).")
  var pipeline: String

  @Option(name: [.customShort("o"), .customLong("output")], help: "Folder of the stages' folders.")
  var output: String

  @Option(help: "Stage: map or map-plain.")
  var only = "map"

  @Option(help: "Number of shards (default: the number of shards found).")
  var shards: Int?

  @OptionGroup var common: CommonOptions

  func run() throws {
    let outcome = try Pipeline(pipeline).merge(
      only, count: shards, in: output, command: CommandLine.arguments, resources: common.resources())
    try common.console.result(outcome)
    common.console.say("\(outcome.name)  \(outcome.wasUpToDate ? "up to date" : "merged")  \(outcome.folder)")
  }
}
