public import ArgumentParser
import Foundation
public import Voxelith

extension ValidationMethod: ExpressibleByArgument {}

/// Does the error bar hold? Runs the twin with the user's own numbers.
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract:
      "Run the digital twin many times and report bias, spread over the Cramér-Rao bound, and coverage.",
    discussion: """
      Examples:
        voxelith validate -o validation
        voxelith validate calibration.json --counts 3e5 --background 0.1 -o validation
        voxelith validate --angle-spread 4 --voxels 20000 --case clean -o validation
        voxelith validate --case pipeline --seeds 20 -o validation

      The instrument is that of a calibration or of standards.yaml where one is given, else NMC811 at 115.6 keV and
      90 degrees. With --systematics: how gain, width, background and so on change x, what a correction by the summed
      spectrum leaves, and the stability needed for an error of 0.01 (systematics.json). Writes validate.json validate.csv
      validate.png validate.pdf.

      --case pipeline sends twins through the whole pipeline, from XCT and spectra to relations, and tells how often
      means, voxels, intervals and p values hold. It writes pipeline.json pipeline.csv pipeline.png.
      """)

  @Argument(help: "The calibration (JSON) whose beam, detector, axis, standards and background are used.")
  var calibration: String?

  @Option(help: "The YAML file of standards to use in place of a calibration.")
  var standards: String?

  @Option(name: [.customShort("o"), .customLong("output")], help: "Folder for the report.")
  var output: String

  @Option(help: "Counts in the spectrum of a filled voxel, separated by commas.")
  var counts = NumberList([1e6, 1e5, 1e4])

  @Option(help: "True lithium contents, separated by commas; by default 0.9 where the standards span it.")
  var x: NumberList?

  @Option(help: "Voxels for each case.")
  var voxels: Int = 4000

  @Option(help: "Independent measurements of the standards; the voxels are shared among them.")
  var repeats: Int = 40

  @Option(
    name: .customLong("case"),
    help: "clean, mixture or pipeline; clean and mixture by default. May be given twice.")
  var cases: [ValidationCase] = []

  @Option(
    name: .customLong("method"),
    help: "A method to judge; all by default. May be given several times.")
  var methods: [ValidationMethod] = []

  @OptionGroup(title: "Twins of --case pipeline") var pipeline: PipelineTwins
  @Flag(help: "Only report how differences of the instrument change x with this calibration.")
  var systematics = false

  @Option(
    help:
      "Size of a difference for --systematics, as gain=5e-4 (names as in its table). May be given several times."
  )
  var size: [String] = []

  @OptionGroup var instrument: ValidationInstrument
  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard calibration == nil || standards == nil else {
      throw ValidationError("give a calibration or --standards, not both")
    }
    if cases.contains(.pipeline) {
      guard cases.count == 1 else { throw ValidationError("--case pipeline stands alone") }
      guard calibration == nil, standards == nil, methods.isEmpty, x == nil else {
        throw ValidationError("--case pipeline makes its own standards and takes the profile fit")
      }
      guard counts.values.count == 1 || counts.values == [1e6, 1e5, 1e4] else {
        throw ValidationError("--case pipeline takes one number of --counts")
      }
    } else if pipeline.isGiven {
      throw ValidationError(
        "--seeds, --slope, --labels, --active-label, --ratio, --psf-um and --segment belong to --case pipeline"
      )
    }
    guard !systematics || calibration != nil || standards != nil else {
      throw ValidationError("--systematics needs a calibration or --standards")
    }
    guard !systematics || !cases.contains(.pipeline) else {
      throw ValidationError("--systematics and --case pipeline exclude each other")
    }
    guard systematics || size.isEmpty else {
      throw ValidationError("--size belongs to --systematics")
    }
  }

  func run() throws {
    if cases.contains(.pipeline) {
      try runPipeline()
      return
    }
    let console = common.console
    if systematics, let calibration = try given() { return try tellSystematics(calibration) }
    var settings = try given().map { try ValidationSettings($0) } ?? ValidationSettings()
    try instrument.apply(to: &settings)
    settings.counts = counts.values
    if let x { settings.x = x.values }
    settings.voxels = voxels
    settings.repeats = min(repeats, voxels)
    let kinds = cases.compactMap(\.kind)
    if !kinds.isEmpty { settings.kinds = kinds }
    if !methods.isEmpty { settings.methods = methods }
    let validation = try Validation(settings)
    let ready = settings
    let performance = try Performance(
      "validate", .folder(output, files: ValidationFolder.files), common, overwrite: outputOptions.overwrite,
      settings: [
        "counts": settings.counts, "x": settings.x, "voxels": settings.voxels, "repeats": settings.repeats,
        "cases": settings.kinds.map(\.rawValue), "methods": settings.methods.map(\.rawValue),
      ], inputs: [calibration, standards].compactMap { $0 }, seeds: ["validate": settings.seed])
    let (report, results) = try performance.run { resources in
      let results = try validation.run(resources: resources)
      let report = ValidationReport(ready, results: results)
      try ValidationFolder.write(report, to: output, overwrite: outputOptions.overwrite)
      return (report, results)
    }.result
    try console.result(report)
    ValidationTable.say(results, console: console)
    console.say("wrote \(output): \(ValidationFolder.files.joined(separator: " "))")
  }

  private func tellSystematics(_ calibration: Calibration) throws {
    var settings = InstrumentSettings()
    for text in size { try settings.set(text) }
    let table = try InstrumentStability(calibration, target: 0.01, settings: settings)
    try OutputFile.prepareFolder(output)
    try JSONOutput.write(
      table, to: output + "/systematics.json", overwrite: outputOptions.overwrite)
    try common.console.result(table)
    StabilityTable.say(table, console: common.console)
    common.console.say("wrote \(output)/systematics.json")
  }

  private func given() throws -> Calibration? {
    if let calibration { return try CalibrationFile.read(calibration) }
    return try standards.map { try StandardsFile.calibration($0) }
  }
}

/// The measurement that the twin imitates, where it differs from that of the calibration.
struct ValidationInstrument: ParsableArguments {
  @Option(help: "Beam energy in keV.")
  var incidentEnergy: Double?

  @Option(help: "Scattering angle in degrees.")
  var scatteringAngle: Double?

  @Option(help: "Change of the scattering angle from the middle to the edge of the detector in degrees.")
  var angleSpread: Double = 0

  @Option(help: "Columns of the detector, where the angle changes.")
  var columns: Int = 40

  @Option(help: "Energy resolution in keV (FWHM).")
  var resolution: Double?

  @Option(help: "Energy bins as first centre in keV, width in keV, number.")
  var energy: NumberTriple?

  @Option(help: "Formula of the active material, with Lix for the lithium.")
  var formula: String?

  @Option(help: "Background counts as a fraction of the counts of a filled voxel.")
  var background: Double?

  @Option(help: "x of the standards, separated by commas.")
  var standardsX: NumberList?

  @Option(help: "Counts of each standard; by default those of the calibration, or 400 times a voxel's.")
  var standardCounts: Double?

  @Option(help: "Standard deviation of each standard's x.")
  var standardsXSigma: Double?

  @Option(help: "Volume fraction of the other phases in the voxels of a mixture, as low,high.")
  var fractions: NumberPair = NumberPair(0.1, 0.4)

  @Option(help: "Standard deviation with which each fraction is known.")
  var fractionSigma: Double = 0

  @Option(
    help:
      "A phase of the mixture as FORMULA@DENSITY in g/cm3; may be given several times. By default carbonate electrolyte, and carbon with binder."
  )
  var phase: [PhaseArgument] = []

  @Option(help: "Windows of the S-parameter as d,r in a.u.; chosen for the smallest error if not given.")
  var sWindows: NumberPair?

  @Option(help: "Seed of the random numbers.")
  var seed: UInt64 = 1

  func apply(to settings: inout ValidationSettings) throws {
    settings.seed = seed
    settings.columns = columns
    if let incidentEnergy { settings.bench.incidentEnergy = incidentEnergy }
    if let scatteringAngle { settings.bench.scatteringAngle = scatteringAngle }
    settings.bench.angleSpread = angleSpread
    if let resolution {
      settings.bench.energyResolution = resolution
      settings.bench.response?.resolution = resolution
    }
    if let energy {
      guard energy.second > 0, energy.third >= 8, energy.third <= 100_000 else {
        throw ValidationError("--energy needs first centre, positive width and 8 bins or more")
      }
      settings.bench.energyCenters = nil
      settings.bench.firstEnergy = energy.first
      settings.bench.binWidth = energy.second
      settings.bench.bins = Int(energy.third)
    }
    if let formula { settings.bench.formula = formula }
    if let background { settings.bench.backgroundFraction = background }
    if let standardsX { settings.bench.standards = standardsX.values }
    if let standardCounts { settings.standardCounts = standardCounts }
    if let standardsXSigma { settings.standardSigma = standardsXSigma }
    guard fractions.low <= fractions.high else {
      throw ValidationError("--fractions needs the smaller number first")
    }
    settings.otherFraction = fractions.low...fractions.high
    settings.fractionSigma = fractionSigma
    if !phase.isEmpty { settings.phases = try phase.map { try $0.material() } }
    if let sWindows {
      settings.calibration.sWindows = try .sParameter(
        d: sWindows.low, r: sWindows.high, side: settings.calibration.side)
    }
  }
}

/// `FORMULA@DENSITY`.
struct PhaseArgument: ExpressibleByArgument, Sendable {
  let formula: String
  let density: Double

  init?(argument: String) {
    let parts = argument.split(separator: "@")
    guard parts.count == 2, let density = Double(parts[1]), density > 0, density.isFinite else { return nil }
    formula = String(parts[0])
    self.density = density
  }

  func material() throws -> PhaseMaterial {
    PhaseMaterial(name: formula, label: 0, formula: try ChemicalFormula(formula), density: density)
  }
}
