import ArgumentParser
import Foundation
import Voxelith

/// A series of maps to a diffusivity.
struct DiffuseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diffuse",
    abstract: "Find the effective diffusivity of lithium from the maps of several states, with intervals.",
    discussion: """
      Examples:
        voxelith diffuse series -o diffusion
        voxelith diffuse series -o diffusion --transport transport.json --fractions fractions.tif
        voxelith diffuse series -o diffusion --boundary concentration --boundary-x 0.3 --directions tensor
        voxelith diffuse series -o diffusion --boundary flux --rate 0.2 --layers 2

      Reads the maps of a folder that series wrote, with times, and fits diffusion with an exchange at the separator's
      face. The first state is fitted too, since its map is as uncertain as the others. What the maps do not determine is
      null with a reason. --transport compares with the pores. Writes diffusivity.json model.tif pulls.tif
      (deviations over errors) and diffusivity.png.
      """)

  @Argument(help: DiffuseSettings.text(.series))
  var series: String

  @Option(name: [.customShort("o"), .customLong("output")], help: "Folder for the results.")
  var output: String

  @Option(help: DiffuseSettings.text(.directions))
  var directions: DiffusionModel.Directions?

  @Option(help: DiffuseSettings.text(.boundary))
  var boundary: DiffusionModel.Boundary?

  @Option(help: DiffuseSettings.text(.boundaryX))
  var boundaryX: NumberList?

  @Option(help: DiffuseSettings.text(.boundaryXSigma))
  var boundaryXSigma: Double?

  @Option(help: DiffuseSettings.text(.rate))
  var rate: NumberList?

  @Option(help: DiffuseSettings.text(.rateSigma))
  var rateSigma: Double?

  @Flag(help: DiffuseSettings.flag(.eachInterval))
  var eachInterval = false

  @Option(help: DiffuseSettings.text(.axis))
  var axis: Axis?

  @Option(help: DiffuseSettings.text(.separator))
  var separator: SeparatorFace?

  @Option(help: DiffuseSettings.text(.layers))
  var layers: Int?

  @Option(help: DiffuseSettings.text(.regions))
  var regions: String?

  @Option(help: DiffuseSettings.text(.fractions))
  var fractions: String?

  @Option(help: "Times of the states, where the series has none, separated by commas: 0h,1h,2h.")
  var at: String?

  @Option(help: DiffuseSettings.text(.transport))
  var transport: String?

  @Option(help: DiffuseSettings.text(.freeDiffusivity))
  var freeDiffusivity: Double?

  @Option(help: DiffuseSettings.text(.freeDiffusivitySigma))
  var freeDiffusivitySigma: Double?

  @Option(help: DiffuseSettings.text(.depthModes))
  var depthModes: Int?

  @Option(help: DiffuseSettings.text(.planeModes))
  var planeModes: Int?

  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var crate: CrateOption
  @OptionGroup var common: CommonOptions

  private var settings: DiffuseSettings {
    var settings = DiffuseSettings()
    settings.series = series
    settings.directions = directions ?? settings.directions
    settings.boundary = boundary ?? settings.boundary
    settings.boundaryX = boundaryX?.values
    settings.boundaryXSigma = boundaryXSigma
    settings.rate = rate?.values
    settings.rateSigma = rateSigma
    settings.eachInterval = eachInterval
    settings.axis = axis ?? settings.axis
    settings.separator = separator ?? settings.separator
    settings.layers = layers
    settings.regions = regions
    settings.fractions = fractions
    settings.times = at.map { TimeText.list($0) ?? [] }
    settings.transport = transport
    settings.freeDiffusivity = freeDiffusivity
    settings.freeDiffusivitySigma = freeDiffusivitySigma
    settings.depthModes = depthModes ?? settings.depthModes
    settings.planeModes = planeModes ?? settings.planeModes
    return settings
  }

  func validate() throws {
    if let at, TimeText.list(at) == nil {
      throw ValidationError(
        "'\(at)' in --at is no list of times: write 90s, 15m, 4h or 2d, separated by commas")
    }
    try settings.checkOptions()
    do {
      try settings.checkTransport()
    } catch {
      throw ValidationError(error.message)
    }
  }

  func run() throws {
    let console = common.console
    let settings = settings
    let performance = try Performance(
      "diffuse", .folder(output, files: DiffuseSettings.outputs), common, overwrite: outputOptions.overwrite,
      settings: ["diffuse": settings], inputs: try settings.inputs(), crate: crate)
    let report = try performance.run { resources in
      try settings.write(to: output, overwrite: outputOptions.overwrite, resources: resources)
    }.result
    try console.result(report)
    console.say(
      report.test.verdict == .notDescribed
        ? "NOT DESCRIBED: diffusion with these assumptions is not what the maps show, and the numbers mean little"
        : "diffusion describes the maps")
    for notice in report.notices { console.notice(notice) }
    for region in report.regions {
      let place = report.regions.count > 1 ? "region \(region.number) " : ""
      for name in report.order {
        guard let value = region.diffusivity[name] else { continue }
        say(place + (name == "all" ? "diffusivity" : "diffusivity, \(name)"), value, "µm²/s")
      }
      if let ratio = region.planeOverDepth { say(place + "plane over depth", ratio, "") }
      guard let prediction = region.prediction else { continue }
      if let ratio = prediction.planeOverDepth {
        console.say("\(Self.padded(place + "ratio predicted from the pores"))\(Format.significant(ratio, 3))")
      }
      if let ratio = prediction.anisotropyOverPredicted { say(place + "measured over predicted", ratio, "") }
      for (name, value) in (prediction.overPredicted ?? [:]).sorted(by: { $0.key < $1.key }) {
        say(place + "\(name) over predicted", value, "")
      }
    }
    if let exchange = report.exchange { say("exchange", exchange, "µm/s") }
    for x in report.boundaryX ?? [] { say("x outside", x, "") }
    for rate in report.rate ?? [] { say("change of mean x", rate, "per h") }
    console.say(
      Self.padded("chi-squared per dof") + Format.fixed(report.test.chiSquaredPerDof, 3) + ", depth profiles "
        + Format.fixed(report.test.depthChiSquaredPerDof, 3))
    console.say("wrote \(output)")
  }

  private static func padded(_ name: String) -> String {
    name.padding(toLength: max(26, name.count + 1), withPad: " ", startingAt: 0)
  }

  private func say(_ name: String, _ value: UncertainValue, _ unit: String) {
    let name = Self.padded(name)
    guard let number = value.value, let ends = value.interval else {
      common.console.say(name + "not determined: " + (value.reason ?? ""))
      return
    }
    let text = Format.measured(number, value.sigma)
    common.console.say(
      name + text + (unit.isEmpty ? "" : " " + unit)
        + " (95 %: \(Format.significant(ends[0], 3)) to \(Format.significant(ends[1], 3)))")
  }
}
