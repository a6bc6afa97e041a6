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
  @OptionGroup var crate: CrateOption
  @OptionGroup var common: CommonOptions

  func run() throws {
    let console = common.console
    let resources = common.resources()
    try crate.check(output, overwrite: outputOptions.overwrite)
    let outcome = try Demo.run(
      into: output, preset: preset, seed: seed, overwrite: outputOptions.overwrite,
      command: CommandLine.arguments, resources: resources)
    if crate.roCrate { try ResearchCrate.write(output, overwrite: outputOptions.overwrite) }
    try console.result(outcome)
    for stage in outcome.stages {
      console.say(
        stage.name.padding(toLength: 12, withPad: " ", startingAt: 0) + Format.fixed(stage.seconds, 1) + " s")
    }
    MapCommand.describe(outcome.map, console: console)
    describe(outcome.summary, console)
    let results = outcome.folder + "/results"
    console.say("lithium map  \(results)/map/li.tif, its error \(results)/map/li_sigma.tif")
    console.say("page         \(results)/report/report.html")
  }

  private func describe(_ summary: PipelineSummary, _ console: Console) {
    if let truth = summary.alignment?.truth {
      func list(_ values: [Double], _ decimals: Int) -> String {
        values.map { Format.fixed($0, decimals) }.joined(separator: ", ")
      }
      console.say("alignment    found                     truth")
      console.say(
        "  rotation about x, y, z (deg)  \(list(truth.found.rotation, 3))   \(list(truth.truth.rotation, 3))")
      console.say(
        "  shift along x, y, z (µm)      \(list(truth.found.shift, 2))   \(list(truth.truth.shift, 2))")
      console.say(
        "  error \(Format.fixed(truth.errorUm, 2)) µm (\(Format.fixed(truth.errorVoxels, 3)) XCS voxels), expected \(Format.fixed(truth.expectedErrorUm, 2)) µm"
      )
    }
    for (name, lithium) in [
      ("as active alone", summary.withoutFractions), ("with fractions", summary.lithium),
    ] {
      guard let truth = lithium?.truth else { continue }
      console.say(
        "x \(name.padding(toLength: 18, withPad: " ", startingAt: 0)) bias \(Format.measured(truth.bias, truth.biasSigma)), spread of error/sigma \(Format.fixed(truth.pullSpread, 3)), within 1 and 1.96 sigma \(Format.percent(truth.coverage68)) and \(Format.percent(truth.coverage95)) (\(truth.voxels) voxels)"
      )
    }
  }
}
