import ArgumentParser
import Voxelith

/// Grey values to directions.
struct OrientCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "orient", abstract: "Find the direction of pores, fibres or layers in every voxel.",
    discussion: """
      Examples:
        voxelith orient xct.tif -o orient --sigma 1.5 --rho 4
        voxelith orient xct.tif -o orient --unit voxel --sigma 1.5 --rho 4 --mask pores.tif --mask-role phase
        voxelith orient xct.tif -o orient --stride 4 --local-grid xcs.nxs

      Widths are in um, or count the smallest side of the voxels with --unit voxel. Writes orientation.tif
      (channels x, y, z), anisotropy.tif and orientation.json. With --local-grid or --local-voxel-um also the
      mean axis, the order parameter about it and the mean anisotropy in the cells of a coarser grid
      (cell_orientation.tif, cell_order.tif, cell_anisotropy.tif).
      """)

  enum Unit: String, ExpressibleByArgument, CaseIterable { case um, voxel }

  @Argument(help: "The grey volume.")
  var volume: String

  @Option(name: [.customShort("o"), .customLong("output")], help: "Folder for the maps.")
  var output: String

  @Option(help: "Width of the Gaussian derivatives.")
  var sigma: Double = 1.5

  @Option(help: "Width of the Gaussian window.")
  var rho: Double = 4

  @Option(help: "Unit of the widths: um or voxel.")
  var unit: Unit = .voxel

  @Option(help: "Voxels from one direction to the next: one number, or z,y,x.")
  var stride: VoxelCounts = VoxelCounts(1)

  @Option(help: "Voxels that count: a volume of the same shape, above zero inside.")
  var mask: String?

  @Option(help: "What lies outside the mask: no usable grey (sample), or another phase (phase).")
  var maskRole: StructureTensorOptions.MaskRole = .sample

  @Option(help: "axis of pores and fibres, or normal of layers.")
  var direction: StructureTensorOptions.Direction = .axis

  @Flag(help: "Give voxels outside the mask the direction of the masked voxels around them.")
  var fill = false

  @Option(help: "How voxels count in the statistics: equal or anisotropy.")
  var weighting: OrientationStatistics.Weighting = .equal

  @Option(help: "Leave voxels below this anisotropy out of the statistics.")
  var minimumAnisotropy: Float = 0

  @Flag(help: "Write linearity.tif and planarity.tif as well.")
  var shape = false

  @OptionGroup var cells: CellOptions
  @OptionGroup var input: VolumeInput
  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    let console = common.console
    let resources = common.resources()
    let source = try input.open(volume, console: console)
    let region = try mask.map { try VolumeFile.open($0, options: VolumeOpenOptions()) }
    let scale = unit == .um ? 1 : source.grid.spacing.min()
    let options = StructureTensorOptions(
      sigma: sigma * scale, rho: rho * scale, stride: stride.shape, direction: direction,
      maskRole: maskRole, fillsOutsideMask: fill)
    let choice = try cells.choice()
    let tensor = try StructureTensor(
      source: source, mask: region, options: options, resources: resources)
    var provenance = try Provenance(
      command: CommandLine.arguments, inputs: [volume] + [mask, cells.file].compactMap { $0 },
      seeds: ["bootstrap": 1], threads: resources.threads)
    let report = try provenance.timed("orient") { () throws(VoxelithError) in
      try OrientationFolder.write(
        tensor,
        statistics: OrientationStatistics.Options(
          weighting: weighting, minimumAnisotropy: minimumAnisotropy),
        to: output, writesShape: shape, cells: choice, overwrite: outputOptions.overwrite,
        resources: resources)
    }
    try provenance.write(to: output, overwrite: true)
    try console.result(report)
    describe(report, console)
  }

  private func describe(_ report: OrientationReport, _ console: Console) {
    guard let summary = report.summary else {
      console.say(report.reason ?? "no directions")
      return
    }
    func interval(_ value: Interval, _ decimals: Int) -> String {
      "\(Format.fixed(value.value, decimals))  (\(Format.fixed(value.low, decimals)) to \(Format.fixed(value.high, decimals)))"
    }
    console.say("\(summary.samples) directions, \(Format.percent(summary.definedFraction)) of the volume")
    console.say("order parameter        \(interval(summary.orderParameter, 3))")
    console.say("order parameter about z \(interval(summary.orderParameterZ, 3))")
    console.say("degree of anisotropy   \(interval(summary.degreeOfAnisotropy, 3))")
    let axis = summary.axes[0].map { Format.fixed($0, 3) }.joined(separator: ", ")
    console.say(
      "mean axis (x, y, z)    \(axis) +- \(Format.fixed(summary.axisUncertainty, 1)) deg, \(Format.fixed(summary.angleToZ.value, 1)) deg to z"
    )
    console.say("wrote \(output)")
  }
}

/// Numbers of voxels along z, y, x: one for all, or three.
struct VoxelCounts: ExpressibleByArgument, Sendable {
  let shape: Shape

  init(_ each: Int) { shape = Shape(z: each, y: each, x: each) }

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    let values = numbers.compactMap { $0 }.filter { $0 >= 1 }
    guard values.count == numbers.count, values.count == 1 || values.count == 3 else { return nil }
    shape =
      values.count == 1
      ? Shape(z: values[0], y: values[0], x: values[0])
      : Shape(z: values[0], y: values[1], x: values[2])
  }

  var defaultValueDescription: String { "\(shape.z)" }
}
