import ArgumentParser
import Voxelith

/// Projections of a turning sample to lithium.
struct ReconstructCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reconstruct",
    abstract:
      "Reconstruct lithium content x, with its error, from spectra of projections at many angles (Compton tomography).",
    discussion: """
      Example:
        voxelith reconstruct projections.nxs -c calibration.json -o tomography

      The file holds counts as NXdata with the axes rotation_angle, y, x, energy; the sample turns about y. A positive
      angle t turns it about +y by the right hand: columns show x cos t + z sin t (--sense left for the other). Writes the
      files of map, on voxels of the columns' pitch: li.tif li_sigma.tif intensity.tif ratio.tif (x by filtered back
      projection alone) deviance.tif deviance_expected.tif (scatter of the rays through a voxel) mask.tif map.json.
      li_sigma.tif holds the errors of counts, regularisation, density and standards.
      """)

  @Argument(help: "The projections: NeXus/HDF5.")
  var spectra: String

  @Option(name: [.short, .long], help: "The calibration (JSON).")
  var calibration: String

  @Option(name: [.customShort("o"), .customLong("output")], help: "Folder for the map.")
  var output: String

  @Flag(help: ReconstructSettings.flag(.quick))
  var quick = false

  @Option(help: ReconstructSettings.text(.center))
  var center: AxisChoiceText?

  @Option(help: ReconstructSettings.text(.sense))
  var sense: ProjectionGeometry.Sense?

  @Option(help: ReconstructSettings.text(.roughness))
  var roughness: Double?

  @Option(help: ReconstructSettings.text(.errorMargin))
  var errorMargin: Double?

  @Option(help: ReconstructSettings.text(.minimumShare))
  var minimumShare: Double?

  @Option(help: ReconstructSettings.text(.samples))
  var samples: Int?

  @Option(help: ReconstructSettings.text(.seed))
  var seed: UInt64?

  @Option(help: ReconstructSettings.text(.absorption))
  var absorption: String?

  @Option(help: ReconstructSettings.text(.pinhole))
  var pinholeMm: Double?

  @Option(help: ReconstructSettings.text(.pointSpread))
  var psfUm: Double?

  @Option(help: ReconstructSettings.text(.countsPerUnit))
  var countsPerUnit: Double?

  @Option(help: ReconstructSettings.text(.copies))
  var copies: VolumeCopies?

  @OptionGroup var input: SpectralInput
  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var crate: CrateOption
  @OptionGroup var common: CommonOptions

  private var settings: ReconstructSettings {
    var settings = ReconstructSettings()
    settings.quick = quick
    settings.center = center
    settings.sense = sense ?? settings.sense
    settings.roughness = roughness
    settings.errorMargin = errorMargin ?? settings.errorMargin
    settings.minimumShare = minimumShare ?? settings.minimumShare
    settings.samples = samples ?? settings.samples
    settings.seed = seed ?? settings.seed
    settings.absorption = absorption
    settings.pinhole = pinholeMm
    settings.pointSpread = psfUm
    settings.countsPerUnit = countsPerUnit
    settings.copies = copies
    return settings
  }

  func validate() throws {
    try settings.checkOptions()
    guard !quick || (errorMargin == nil && samples == nil && seed == nil) else {
      throw ValidationError("--quick takes no samples and no regularisation")
    }
    guard roughness == nil || errorMargin == nil else {
      throw ValidationError("--error-margin chooses the roughness; give one of them")
    }
  }

  func run() throws {
    let console = common.console
    let settings = settings
    let opening = input.settings
    let loaded = try CalibrationFile.read(calibration)
    let performance = try Performance(
      "reconstruct", .folder(output, files: settings.outputs()), common, overwrite: outputOptions.overwrite,
      settings: ["reconstruct": settings, "spectra": opening],
      inputs: [spectra, calibration] + opening.files + (try settings.files()),
      seeds: settings.quick ? [:] : ["samples": settings.seed], crate: crate)
    let report = try performance.run { resources in
      try settings.write(
        spectra, input: opening, calibration: loaded, to: output, overwrite: outputOptions.overwrite,
        resources: resources)
    }.result
    try console.result(report)
    for notice in report.tomography?.notices ?? [] { console.notice(notice) }
    MapCommand.describe(report, console: console)
    if let tomography = report.tomography { Self.describe(tomography, console: console) }
    console.say("wrote \(output)")
  }

  private static func describe(_ report: TomographyReport, console: Console) {
    console.say(
      "projections  \(report.projections), largest gap \(Format.significant(report.largestGap, 3)) degrees; axis on column \(Format.fixed(report.center, 2))"
    )
    if let roughness = report.roughness, let share = report.biasShare {
      console.say(
        "regularised  x may change by \(Format.significant(roughness, 2)) from a voxel to the next; it leaves \(Format.fixed(100 * share, 0)) % of the variance"
      )
    }
    if let resolution = report.resolution, let unit = report.resolutionUnit {
      console.say(
        "resolution   \(Format.significant(resolution, 3)) \(unit == "um" ? "µm" : unit) (FWHM, median)")
    }
    if let chi = report.chiSquaredPerDOF { console.say("residuals    chi2/dof \(Format.fixed(chi, 3))") }
  }
}
