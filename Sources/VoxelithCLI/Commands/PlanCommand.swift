import ArgumentParser
import Foundation
import Voxelith

/// How long must I measure?
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract:
      "Plan a measurement: the counts and time needed for a given error of x, or the error that a given time buys.",
    discussion: """
      Examples:
        voxelith plan calibration.json --target 0.02 --rate 1500
        voxelith plan calibration.json --target 0.02 --time 4h --spectra trial.nxs --voxel-size 50 --figure plan.pdf
        voxelith plan --formula NMC811 --formula Li1.2Mn0.4Ti0.4O2 --target 0.02
        voxelith plan calibration.json --difference 0.05 --power 0.9 --rate 1500 --voxels 128000 --at-once 6400

      A rate is in net counts per second of a voxel within the fit's window; it scales with the voxel's volume.
      Without one the standards' own rate is used.
      With --formula there need be no standards yet: predictions for several materials are listed side by side.
      """)

  @Argument(help: "The calibration (JSON); none with --formula.")
  var calibration: String?

  @Option(
    help: ArgumentHelp(
      "A cathode to plan for by theory, once for each: a formula or \(CathodeFormula.known.compactMap(\.name).joined(separator: ", ")); all: all of these.",
      valueName: "formula"))
  var formula: [String] = []

  @Option(
    help: "Energy resolution in keV (FWHM) that theory takes; by default \(TheorySettings().resolution).")
  var resolution: Double?

  @Option(help: "Target sigma(x) of a voxel.")
  var target: Double?

  @Option(help: "Smallest difference of x between two voxels or states that must be detected.")
  var difference: Double?

  @Option(help: "Time for each voxel: seconds, or 90s, 15m, 4h.")
  var time: Duration?

  @Option(help: "Net counts per second of a voxel within the fit's window.")
  var rate: Double?

  @Option(help: "Spectra from which to take the count rate and the voxel size.")
  var spectra: String?

  @Option(help: "Voxel size that the rate belongs to, in µm.")
  var rateVoxelSize: VoxelSize?

  @Option(help: "x at which errors are reported; by default the middle of the calibrated range.")
  var x: Double?

  @Option(help: "Background counts over net counts; by default that of the calibration.")
  var background: Double?

  @Option(help: "Sides of the cubes of voxels that are added up, separated by commas.")
  var binning = NumberList([1, 2, 3, 4])

  @Option(help: "Standard deviations that a difference must have to be believed.")
  var significance: Double = 2

  @Option(help: "Probability that a difference at the detection limit is seen, from 0.5 up.")
  var power: Double = 0.5

  @Option(help: "Voxels of the whole map.")
  var voxels: Int?

  @Option(help: "Voxels that the detector sees at once.")
  var atOnce: Int = 1

  @OptionGroup var input: SpectralInput

  @Option(name: [.customShort("o"), .customLong("output")], help: "Write the plan as JSON.")
  var output: String?

  @Option(help: "Draw sigma(x) against time (PNG, PDF or SVG).")
  var figure: String?

  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard formula.isEmpty else {
      try validateTheory()
      return
    }
    guard calibration != nil else { throw ValidationError("give a calibration, or --formula for theory") }
    guard resolution == nil else {
      throw ValidationError("--resolution is for --formula: a calibration knows its own")
    }
    guard target != nil || difference != nil || time != nil else {
      throw ValidationError("give --target, --difference or --time")
    }
    guard rate == nil || spectra == nil else {
      throw ValidationError("give --rate or --spectra, not both")
    }
    var asked = input.settings
    asked.voxelSize = nil
    guard spectra != nil || asked == SpectralInputSettings() else {
      throw ValidationError("how spectra are opened is for --spectra")
    }
    guard binning.values.allSatisfy({ $0 == $0.rounded() && $0 >= 1 && $0 <= 1000 }) else {
      throw ValidationError("--binning needs whole numbers from 1 to 1000")
    }
  }

  /// Options that theory cannot use are refused.
  private func validateTheory() throws {
    guard calibration == nil else {
      throw ValidationError("a calibration knows its formula: give one of calibration and --formula")
    }
    guard (rate == nil) == (time == nil) else {
      throw ValidationError("with --formula, --rate and --time go together: their product is the counts")
    }
    var asked = input.settings
    (asked.incidentEnergy, asked.scatteringAngle) = (nil, nil)
    let unused = [
      ("--spectra", spectra != nil), ("--rate-voxel-size", rateVoxelSize != nil), ("--x", x != nil),
      ("--binning", binning.values != [1, 2, 3, 4]), ("--voxels", voxels != nil),
      ("--at-once", atOnce != 1),
      ("--figure", figure != nil), ("--difference", difference != nil),
      ("options of spectra", asked != SpectralInputSettings()),
    ].filter(\.1).map(\.0)
    guard unused.isEmpty else {
      throw ValidationError("\(unused.joined(separator: ", ")): for a calibration, not for --formula")
    }
  }

  /// What theory says of each material.
  private func runTheory() throws {
    var settings = TheorySettings()
    if let energy = input.incidentEnergy { settings.incidentEnergy = energy }
    if let angle = input.scatteringAngle { settings.angle = angle }
    if let resolution { settings.resolution = resolution }
    if let background { settings.background = background }
    if let target { settings.target = target }
    if let rate, let time { settings.counts = rate * time.seconds }
    (settings.significance, settings.power) = (significance, power)
    try settings.validate()
    let materials = try formula.flatMap { text in
      text == "all" ? CathodeFormula.known : [try CathodeFormula(text)]
    }
    var performance: Performance?
    if let output {
      performance = try Performance(
        "plan", .file(output), common, overwrite: outputOptions.overwrite,
        settings: ["formulas": materials, "theory": settings], inputs: [])
    }
    let table = TheoryTable(
      settings: settings, materials: try materials.map { try TheoryPlan($0, settings: settings) })
    _ = try performance?.run { _ in
      if let output { try JSONOutput.write(table, to: output, overwrite: outputOptions.overwrite) }
    }
    try common.console.result(table)
    PlanTable.say(table, console: common.console.answering)
    if let output { common.console.say("wrote \(output)") }
  }

  func run() throws {
    guard formula.isEmpty, let calibration else {
      try runTheory()
      return
    }
    var performance: Performance?
    let written = [output, figure].compactMap { $0 }
    if let first = written.first {
      performance = try Performance(
        "plan", .file(first, named: Array(written.dropFirst())), common, overwrite: outputOptions.overwrite,
        settings: [
          "target": target, "difference": difference, "time_s": time?.seconds, "rate": rate, "x": x,
          "background": background, "binning": binning.values, "significance": significance, "power": power,
          "voxels": voxels, "at_once": atOnce, "spectra": input.settings,
          "rate_voxel_size_um": rateVoxelSize.map { LengthsZYX($0.spacing) },
        ], inputs: [calibration] + [spectra].compactMap { $0 } + input.settings.files)
    }
    let loaded = try CalibrationFile.read(calibration)
    var request = PlanRequest()
    request.x = x
    request.target = target
    request.difference = difference
    request.seconds = time?.seconds
    request.background = background
    request.binning = binning.values.map { Int($0) }
    request.significance = significance
    request.power = power
    request.voxels = voxels
    request.atOnce = atOnce
    request.rate = rate
    request.voxelSize = input.voxelSize.map { LengthsZYX($0.spacing) }
    request.rateVoxelSize = rateVoxelSize.map { LengthsZYX($0.spacing) }
    let measured = try spectra.map { path in
      var opening = input.settings
      // The voxel size of the options is that of the plan; that of the rate belongs to the spectra.
      opening.voxelSize = request.rateVoxelSize
      return try CountRate(
        spectra: try opening.open(path, angle: loaded.scatteringAngle), calibration: loaded,
        resources: common.resources())
    }
    let settings = request.settings(measured: measured)
    let plan = try MeasurementPlan(loaded, settings: settings)
    _ = try performance?.run { _ in
      if let output { try JSONOutput.write(plan, to: output, overwrite: outputOptions.overwrite) }
      if let figure { try PlanFigure.write(plan, to: figure, overwrite: outputOptions.overwrite) }
    }
    try common.console.result(plan)
    if settings.rate == nil {
      common.console.notice("no count rate is given: the standards' own rate is used")
    }
    PlanTable.say(plan, console: common.console.answering)
    if !written.isEmpty { common.console.say("wrote \(written.joined(separator: " "))") }
  }
}

/// A time as written by people: 90, 90s, 15m, 4h, 2d.
struct Duration: ExpressibleByArgument, Sendable {
  let seconds: Double

  init?(argument: String) {
    guard let seconds = TimeText.seconds(argument) else { return nil }
    self.seconds = seconds
  }
}
