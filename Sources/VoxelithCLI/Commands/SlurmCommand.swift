import ArgumentParser
import Foundation
import Voxelith

/// Job scripts for a cluster.
struct SlurmCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "slurm", abstract: "Write job scripts that run a pipeline on a Slurm cluster.",
    discussion: """
      Example:
        voxelith slurm pipeline.yaml -o jobs --shards 16 --results /scratch/results
        sh jobs/submit.sh

      Maps are divided into slabs, run as job arrays; the other stages run before, between and after them, chained by
      dependencies. Times and memory are the estimates of voxelith check with a margin. A requeued job continues
      where it stopped, and the results have the same bytes as a single run.
      """)

  @Argument(help: "The pipeline (YAML).")
  var pipeline: String

  @Option(name: [.customShort("o"), .customLong("output")], help: "Folder of the scripts.")
  var output: String

  @Option(help: "Number of parts that each map is divided into.")
  var shards: Int

  @Option(help: "Folder of the results; by default a folder beside the scripts.")
  var results: String?

  @Option(help: "How the nodes call voxelith; by default this program.")
  var program: String?

  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let here = FileManager.default.currentDirectoryPath
    func absolute(_ path: String) -> String {
      PathName.absolute(path, in: here)
    }
    let folder = absolute(output)
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "voxelith"
    let scripts = try SlurmScripts(
      Pipeline(pipeline), path: absolute(pipeline), output: absolute(results ?? output + "/results"),
      shards: shards, program: program ?? own, resources: common.resources())
    let performance = try Performance(
      "slurm", .folder(folder, files: ["submit.sh"]), common, overwrite: outputOptions.overwrite,
      settings: ["shards": shards, "results": results, "program": program], inputs: [pipeline])
    let paths = try performance.run { _ in
      try scripts.write(to: folder, overwrite: outputOptions.overwrite)
    }.result
    try common.console.result(scripts.jobs)
    for path in paths { common.console.say(path) }
  }
}
