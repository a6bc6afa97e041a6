import ArgumentParser
import Voxelith

/// Labels to the shortest and the widest way through a phase.
struct PathsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "paths",
    abstract: "Find the shortest and widest paths through a phase from every voxel to a face.",
    discussion: """
      Examples:
        voxelith paths labels.tif --phase 0 -o paths
        voxelith paths labels.tif --phase 0 -o paths --axis z --face upper

      Writes length.tif (µm to the face, through the phase), tortuosity.tif (over the straight distance), width.tif
      (diameter in µm of the largest ball that can move from the voxel to the face) and paths.json. NaN where no path
      reaches the face. Voxels are joined through faces.
      """)

  @Argument(help: "The labels.")
  var labels: String

  @Option(name: [.customShort("o"), .customLong("output")], help: "Folder for the results.")
  var output: String

  @Option(help: PathsSettings.text(.phase))
  var phase: UInt32?

  @Option(help: PathsSettings.text(.axis))
  var axis: Axis?

  @Option(help: PathsSettings.text(.face))
  var face: PathFace?

  @Option(help: PathsSettings.text(.copies))
  var copies: VolumeCopies?

  @OptionGroup var input: VolumeInput
  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var crate: CrateOption
  @OptionGroup var common: CommonOptions

  private var settings: PathsSettings {
    var settings = PathsSettings()
    settings.phase = phase
    settings.axis = axis ?? settings.axis
    settings.face = face ?? settings.face
    settings.copies = copies
    return settings
  }

  func run() throws {
    let console = common.console
    let settings = settings
    let source = try input.open(labels, console: console)
    let names = PathsSettings.volumes + ["paths.json"] + (copies?.names(of: PathsSettings.volumes) ?? [])
    let performance = try Performance(
      "paths", .folder(output, files: names), common, overwrite: outputOptions.overwrite,
      settings: ["paths": settings, "labels": input.settings], inputs: [labels], crate: crate)
    let report = try performance.run { resources in
      try settings.write(source, to: output, overwrite: outputOptions.overwrite, resources: resources)
    }.result
    try console.result(report)
    let summary = report.summary
    console.say("reached           \(Format.percent(summary.reached)) of the phase")
    console.say("mean tortuosity   \(Format.fixed(summary.meanTortuosity, 4))")
    if let reason = summary.reason {
      console.say(reason)
    } else {
      console.say(
        "face to face      \(Format.fixed(summary.throughTortuosity, 4)), shortest \(Format.fixed(summary.shortestTortuosity, 4))"
      )
      console.say("widest path       \(Format.significant(summary.throughWidth, 4)) µm")
    }
    console.say("wrote \(output)")
  }
}
