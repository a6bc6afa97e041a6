import ArgumentParser
import Voxelith

/// Grey values to directions.
struct OrientCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "orient", abstract: "Find the direction of pores, fibres or layers in every voxel.",
    discussion: """
      Examples:
        voxelith orient xct.tif -o orient --sigma 1.5 --rho 4
        voxelith orient xct.tif -o orient --sigma 1.5 --rho 4 --mask pores.tif --mask-role phase
        voxelith orient xct.tif -o orient --stride 4 --local-grid xcs.nxs

      Widths are multiples of the smallest side of a voxel, or µm with --unit um. Writes orientation.tif
      (channels x, y, z), anisotropy.tif and orientation.json. With --local-grid or --local-voxel-um also the
      mean axis, the order parameter about it and the mean anisotropy in the cells of a coarser grid
      (cell_orientation.tif, cell_order.tif, cell_anisotropy.tif). --copies mha adds each volume for SimpleITK and
      3D Slicer (anisotropy.mha, orientation_x.mha, ...).
      """)

  enum Unit: String, ExpressibleByArgument, CaseIterable {
    case um, voxel

    init?(argument: String) { self.init(rawValue: ["µm", "\u{03BC}m"].contains(argument) ? "um" : argument) }
  }

  @Argument(help: "The grey volume.")
  var volume: String

  @Option(name: [.customShort("o"), .customLong("output")], help: "Folder for the maps.")
  var output: String

  @Option(help: "Width of the Gaussian derivatives (default: 1.5).")
  var sigma: Double?

  @Option(help: "Width of the Gaussian window (default: 4).")
  var rho: Double?

  @Option(help: "Unit of the widths: µm, or voxel for the smallest side of the voxels.")
  var unit: Unit = .voxel

  @Option(help: OrientSettings.text(.stride))
  var stride: VoxelCounts?

  @Option(help: OrientSettings.text(.mask))
  var mask: String?

  @Option(help: OrientSettings.text(.maskLabel))
  var maskLabel: Int?

  @Option(help: OrientSettings.text(.maskRole))
  var maskRole: StructureTensorOptions.MaskRole?

  @Option(help: OrientSettings.text(.direction))
  var direction: StructureTensorOptions.Direction?

  @Flag(help: OrientSettings.flag(.fill))
  var fill = false

  @Option(help: OrientSettings.text(.weighting))
  var weighting: OrientationStatistics.Weighting?

  @Option(help: OrientSettings.text(.minimumAnisotropy))
  var minimumAnisotropy: Double?

  @Flag(help: OrientSettings.flag(.shape))
  var shape = false

  @Option(help: OrientSettings.text(.copies))
  var copies: VolumeCopies?

  @OptionGroup var cells: CellOptions
  @OptionGroup var input: VolumeInput
  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var crate: CrateOption
  @OptionGroup var common: CommonOptions

  private var settings: OrientSettings {
    var settings = OrientSettings()
    if unit == .um {
      settings.sigma = sigma ?? settings.sigmaVoxels
      settings.rho = rho ?? settings.rhoVoxels
    } else {
      settings.sigmaVoxels = sigma ?? settings.sigmaVoxels
      settings.rhoVoxels = rho ?? settings.rhoVoxels
    }
    settings.stride = stride.map { CountsZYX($0.shape) }
    settings.mask = mask
    settings.maskLabel = maskLabel
    settings.maskRole = maskRole ?? settings.maskRole
    settings.direction = direction ?? settings.direction
    settings.fill = fill
    settings.weighting = weighting ?? settings.weighting
    settings.minimumAnisotropy = minimumAnisotropy ?? settings.minimumAnisotropy
    settings.shape = shape
    settings.localGrid = cells.localGrid
    settings.localVoxel = cells.localVoxelUm
    settings.copies = copies
    return settings
  }

  func validate() throws {
    guard mask != nil || (maskLabel == nil && maskRole == nil && !fill) else {
      throw ValidationError("--mask-label, --mask-role and --fill are for --mask")
    }
  }

  func run() throws {
    let console = common.console
    let settings = settings
    let source = try input.open(volume, console: console)
    var names = ["orientation.tif", "anisotropy.tif", "orientation.json"]
    if shape { names += ["linearity.tif", "planarity.tif"] }
    if cells.isGiven { names += OrientationFolder.cellFiles }
    names += copies?.names(of: names) ?? []
    let performance = try Performance(
      "orient", .folder(output, files: names), common, overwrite: outputOptions.overwrite,
      settings: ["orient": settings, "volume": input.settings], inputs: [volume] + settings.files,
      seeds: ["bootstrap": 1], crate: crate)
    let report = try performance.run { resources in
      try settings.write(
        source, mask: try settings.openMask(), to: output, overwrite: outputOptions.overwrite,
        resources: resources)
    }.result
    if let outliers = report.outliers { console.notice(outliers.words(volume)) }
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
