import ArgumentParser
import Foundation
import Voxelith

/// Everything in one go, on a twin.
struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Make a twin and run the whole pipeline on it, in about a minute.",
    discussion: """
      Example:
        voxelith demo -o demo-out
      """)

  @Option(name: [.customShort("o"), .customLong("output")], help: "Folder for twin and results.")
  var output: String = "demo-out"

  @Option(help: "Pores of the cathode: directional or isotropic.")
  var preset: CathodePhantom.Pores = .directional

  @Option(help: "Seed of the random numbers.")
  var seed: UInt64 = 1

  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let console = common.console
    let resources = common.resources()
    let outcome = try Demo.run(
      into: output, preset: preset, seed: seed, overwrite: outputOptions.overwrite,
      command: CommandLine.arguments, resources: resources)
    try console.result(outcome)
    MapCommand.describe(outcome.map, console: console)
    let truth = outcome.truth
    console.say("against the truth of the twin, \(truth.voxels) voxels:")
    console.say("  bias                  \(Format.measured(truth.bias, truth.biasSigma))")
    console.say("  spread of error/sigma \(Format.fixed(truth.pullSpread, 3)) (1 where the error bars hold)")
    console.say(
      "  within 1 and 1.96 sigma: \(Format.percent(truth.coverage68)) and \(Format.percent(truth.coverage95))"
    )
    console.say("lithium map  \(outcome.folder)/results/map/li.tif")
    console.say("its error    \(outcome.folder)/results/map/li_sigma.tif")
    console.say("figure       \(outcome.folder)/results/figures/lithium.png")
  }
}
