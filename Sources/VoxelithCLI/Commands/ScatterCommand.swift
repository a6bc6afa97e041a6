import ArgumentParser
import Foundation
import Voxelith

/// Multiple scattering of a geometry.
struct ScatterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scatter",
    abstract: "Simulate photons that scatter twice in a sample, as a spectrum for standards.yaml.",
    discussion: """
      Example:
        voxelith scatter scatter.yaml -o multiple.csv --histories 2000000

      scatter.yaml has beam, sample (boxes, or labels with phases) and camera; lengths are in µm. The CSV holds, for
      every million photons that scatter once, those that scatter twice. A standard takes it as
      multiple_scattering: multiple.csv. The same seed gives the same bytes for any number of threads.
      """)

  @Argument(help: "The YAML file of the scene.")
  var scene: String

  @Option(name: [.customShort("o"), .customLong("output")], help: "The spectrum to write (CSV).")
  var output: String

  @Option(help: "Photons to follow.")
  var histories: Int = 1_000_000

  @Option(help: "Seed of the random numbers.")
  var seed: UInt64 = 1

  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard histories >= 1000 else { throw ValidationError("--histories must be 1000 or more") }
  }

  /// What `--json` prints.
  private struct Report: Encodable {
    var ratio: Double
    var ratioSigma: Double
    var histories: Int
    var seed: UInt64

    enum CodingKeys: String, CodingKey {
      case histories, seed
      case ratio = "twice_over_once"
      case ratioSigma = "twice_over_once_sigma"
    }
  }

  func run() throws {
    let file = try ScatterFile.read(scene)
    let performance = try Performance(
      "scatter", .file(output), common, overwrite: outputOptions.overwrite,
      settings: ["histories": histories],
      inputs: file.inputs(scene), seeds: ["seed": seed])
    let result = try performance.run { resources in
      let result = try file.run(scene, histories: histories, seed: seed, resources: resources)
      try ScatteringShape.write(
        result,
        geometry: try ScatteringGeometry(incidentEnergy: file.incidentEnergy, angle: file.scatteringAngle),
        seed: seed, histories: histories, to: output, overwrite: outputOptions.overwrite)
      return result
    }.result
    try common.console.result(
      Report(ratio: result.ratio, ratioSigma: result.ratioSigma, histories: histories, seed: seed))
    common.console.say(
      "scattered twice over once: \(Format.measured(result.ratio, result.ratioSigma)) on the axis; wrote \(output)"
    )
  }
}
