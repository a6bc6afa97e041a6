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

      Writes pores.json and thickness.tif (local thickness in um). With --local-grid or --local-voxel-um also
      each metric in the cells of a coarser grid: porosity.tif, surface.tif, pore_size.tif, percolating_*.tif,
      chord_*.tif and correlation_*.tif (length along x, y, z in um).
      """)

  @Argument(help: "The labels.")
  var labels: String

  @Option(help: "Label of the phase.")
  var phase: UInt16 = 0

  @Option(name: [.customShort("o"), .customLong("output")], help: "Folder for what is found.")
  var output: String

  @Option(help: "Label of voxels outside the sample, which do not count.")
  var outside: UInt16 = 255

  @Option(help: "Neighbours of a voxel: 6, 18 or 26.")
  var connectivity: Connectivity = .six

  @Option(help: "Longest distance of the two-point correlation in um.")
  var correlationReach: Double?

  @Option(help: "Relative error of the porosity for the representative volume.")
  var relativeError: Double = 0.05

  @Flag(help: "Leave out the local thickness.")
  var noThickness = false

  @Flag(help: "Leave out the two-point correlation.")
  var noCorrelation = false

  @OptionGroup var cells: CellOptions
  @OptionGroup var input: VolumeInput
  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let console = common.console
    let resources = common.resources()
    let source = try input.open(labels, console: console)
    var options = PoreFolder.Options()
    options.connectivity = connectivity
    options.measuresThickness = !noThickness
    options.measuresCorrelation = !noCorrelation
    options.relativeError = relativeError
    options.correlationReach = correlationReach
    options.cells = try cells.choice()
    let pores = PhaseLabels(source, phase: phase, outside: outside == phase ? nil : outside)
    var provenance = try Provenance(
      command: CommandLine.arguments, inputs: [labels] + [cells.file].compactMap { $0 },
      threads: resources.threads)
    let report = try provenance.timed("pores") { () throws(VoxelithError) in
      try PoreFolder.write(
        pores, options: options, to: output, overwrite: outputOptions.overwrite, resources: resources)
    }
    try provenance.write(to: output, overwrite: true)
    try console.result(report)
    console.say("porosity          \(Format.fixed(report.porosity.porosity, 4))")
    for axis in ["z", "y", "x"] {
      console.say("  percolating \(axis)   \(Format.fixed(report.porosity.percolating[axis], 4))")
    }
    console.say("specific surface  \(Format.significant(report.specificSurface, 4)) /um")
    console.say(
      "mean chord z y x  \([report.chords.z, report.chords.y, report.chords.x].map { Format.significant($0.mean, 4) }.joined(separator: "  ")) um"
    )
    if let thickness = report.thickness {
      console.say(
        "pore size         \(Format.significant(thickness.mean, 4)) um, deviation \(Format.significant(thickness.deviation, 3))"
      )
    }
    if let side = report.representativeVolume.representativeSide {
      console.say(
        "representative    \(Format.significant(side, 3)) um a side for \(Format.percent(relativeError))")
    }
    console.say("wrote \(output)")
  }
}
