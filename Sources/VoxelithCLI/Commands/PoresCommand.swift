import ArgumentParser
import Voxelith

/// Labels to pore metrics.
struct PoresCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pores", abstract: "Measure the pores: porosity, surface, sizes, chords, correlation.",
    discussion: """
      Examples:
        voxelith pores labels.tif --phase 0 -o pores
        voxelith pores labels.tif --phase 0 -o pores --local-grid 20 --voxel-size 0.4
        voxelith pores labels.tif --phase 0 -o pores --local-grid xcs.nxs

      Writes pores.json and thickness.tif (local thickness in µm). With --local-grid or --local-voxel-um also
      each metric in the cells of a coarser grid: porosity.tif, surface.tif, pore_size.tif, percolating_*.tif,
      chord_*.tif and correlation_*.tif (length along x, y, z in µm).

      A single image is measured in its plane: discs in place of balls, outline per area in place of surface per
      volume, and null along the axis that does not exist. Where labels are NaN there is no sample.
      """)

  @Argument(help: "The labels.")
  var labels: String

  @Option(help: PoresSettings.text(.phase))
  var phase: UInt32 = 0

  @Option(name: [.customShort("o"), .customLong("output")], help: "Folder for the results.")
  var output: String

  @Option(help: PoresSettings.text(.outside))
  var outside: UInt32?

  @Option(help: PoresSettings.text(.connectivity))
  var connectivity: Connectivity?

  @Option(help: PoresSettings.text(.correlationReach))
  var correlationReach: Double?

  @Option(help: PoresSettings.text(.relativeError))
  var relativeError: Double?

  @Flag(help: "Leave out the local thickness.")
  var noThickness = false

  @Flag(help: "Leave out the two-point correlation.")
  var noCorrelation = false

  @Option(help: PoresSettings.text(.copies))
  var copies: VolumeCopies?

  @OptionGroup var cells: CellOptions
  @OptionGroup var input: VolumeInput
  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var crate: CrateOption
  @OptionGroup var common: CommonOptions

  private var settings: PoresSettings {
    var settings = PoresSettings()
    settings.phase = phase
    settings.outside = outside
    settings.connectivity = connectivity ?? settings.connectivity
    settings.correlationReach = correlationReach
    settings.relativeError = relativeError ?? settings.relativeError
    settings.thickness = !noThickness
    settings.correlation = !noCorrelation
    settings.localGrid = cells.localGrid
    settings.localVoxel = cells.localVoxelUm
    settings.copies = copies
    return settings
  }

  func validate() throws { try settings.checkOptions() }

  func run() throws {
    let console = common.console
    let settings = settings
    let source = try input.open(labels, console: console)
    if let notice = SegmentationFile.outsideNotice(of: labels, unless: outside) { console.notice(notice) }
    let names = ["pores.json", "thickness.tif"] + (cells.isGiven ? PoreFolder.fieldFiles : [])
    let performance = try Performance(
      "pores", .folder(output, files: names + (copies?.names(of: names) ?? [])), common,
      overwrite: outputOptions.overwrite, settings: ["pores": settings, "labels": input.settings],
      inputs: [labels] + settings.files, crate: crate)
    let report = try performance.run { resources in
      try settings.write(
        source, file: labels, to: output, overwrite: outputOptions.overwrite, resources: resources)
    }.result
    try console.result(report)
    console.say("porosity          \(Format.fixed(report.porosity.porosity, 4))")
    for axis in ["z", "y", "x"] {
      let share = report.porosity.percolating[axis].flatMap { $0 }
      console.say("  percolating \(axis)   \(Format.fixed(share, 4))")
    }
    console.say("specific surface  \(Format.significant(report.specificSurface, 4)) per µm")
    console.say(
      "mean chord z y x  \([report.chords.z, report.chords.y, report.chords.x].map { Format.significant($0.mean, 4) }.joined(separator: "  ")) µm"
    )
    if let thickness = report.thickness {
      console.say(
        "pore size         \(Format.significant(thickness.mean, 4)) µm, deviation \(Format.significant(thickness.deviation, 3))"
      )
    }
    if let side = report.representativeVolume.representativeSide {
      console.say(
        "representative    \(Format.significant(side, 3)) µm a side for \(Format.percent(settings.relativeError))"
      )
    }
    console.say("wrote \(output)")
  }
}
