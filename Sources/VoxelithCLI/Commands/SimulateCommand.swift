import ArgumentParser
import Foundation
import Voxelith

/// A digital twin with truth.
struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Make a digital twin: an electrode with known truth and its measurements.",
    discussion: """
      Examples:
        voxelith simulate --preset directional -o twin
        voxelith simulate --labels segmented.tif --voxel-size 0.4 -o twin

        voxelith simulate --preset directional --diffusivity 20 --at 0h,1h,2h,3h -o twin

      Writes xct.tif labels.tif xcs.nxs standards.yaml pipeline.yaml truth/. With a diffusivity also xcs-2.nxs and so on,
      and series.yaml for series, whose maps diffuse reads.
      """)

  @Option(name: [.customShort("o"), .customLong("output")], help: "Folder for the twin.")
  var output: String

  @Option(help: SimulateSettings.text(.preset))
  var preset: CathodePhantom.Pores?

  @Option(help: "A label volume to use instead (0 pore, 1 active, 2 carbon and binder).")
  var labels: String?

  @Option(help: SimulateSettings.text(.voxelSize))
  var voxelSize: VoxelSize?

  @Option(help: SimulateSettings.text(.shape))
  var shape: NumberTriple?

  @Option(help: SimulateSettings.text(.activeLabel))
  var activeLabel: Int?

  @Option(help: SimulateSettings.text(.ratio))
  var ratio: Int?

  @Option(help: SimulateSettings.text(.counts))
  var counts: Double?

  @Option(help: SimulateSettings.text(.background))
  var background: Double?

  @Option(help: SimulateSettings.text(.resolution))
  var resolution: Double?

  @Option(help: SimulateSettings.text(.angleSpread))
  var angleSpread: Double?

  @Option(help: SimulateSettings.text(.gainSpread))
  var gainSpread: Double?

  @Option(help: SimulateSettings.text(.offsetSpread))
  var offsetSpread: Double?

  @Flag(help: SimulateSettings.flag(.absorption))
  var absorption = false

  @Flag(help: SimulateSettings.flag(.mixture))
  var mixture = false

  @Option(help: SimulateSettings.text(.rotation))
  var rotation: NumberTriple?

  @Option(help: SimulateSettings.text(.translation))
  var translation: NumberTriple?

  @Option(help: SimulateSettings.text(.pointSpread))
  var psfUm: Double?

  @Option(help: SimulateSettings.text(.porosity))
  var porosity: Double?

  @Option(help: SimulateSettings.text(.tilt))
  var tilt: Double?

  @Option(help: SimulateSettings.text(.lithium))
  var lithium: NumberTriple?

  @Option(help: SimulateSettings.text(.diffusivity))
  var diffusivity: NumberList?

  @Option(help: SimulateSettings.text(.exchange))
  var exchange: Double?

  @Option(help: SimulateSettings.text(.outsideX))
  var outsideX: Double?

  @Option(
    help: "Times of the states, separated by commas: 0h,1h,2h. By default six that suit the diffusivity.")
  var at: String?

  @Option(help: SimulateSettings.text(.seed))
  var seed: UInt64?

  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var crate: CrateOption
  @OptionGroup var common: CommonOptions

  private var settings: SimulateSettings {
    func list(_ triple: NumberTriple?) -> [Double]? { triple.map { [$0.first, $0.second, $0.third] } }
    var settings = SimulateSettings()
    settings.preset = preset ?? settings.preset
    if let shape {
      settings.shape = CountsZYX(Shape(z: Int(shape.first), y: Int(shape.second), x: Int(shape.third)))
    }
    settings.voxelSize = voxelSize.map { LengthsZYX($0.spacing) } ?? settings.voxelSize
    settings.porosity = porosity ?? settings.porosity
    settings.tilt = tilt ?? settings.tilt
    settings.ratio = ratio
    settings.counts = counts ?? settings.counts
    settings.background = background ?? settings.background
    settings.resolution = resolution ?? settings.resolution
    settings.angleSpread = angleSpread ?? settings.angleSpread
    settings.gainSpread = gainSpread ?? settings.gainSpread
    settings.offsetSpread = offsetSpread ?? settings.offsetSpread
    settings.absorption = absorption
    settings.mixture = mixture
    settings.activeLabel = activeLabel ?? settings.activeLabel
    settings.rotation = list(rotation) ?? settings.rotation
    settings.translation = list(translation) ?? settings.translation
    settings.pointSpread = psfUm ?? settings.pointSpread
    settings.lithium = list(lithium)
    settings.diffusivity = diffusivity?.values
    settings.exchange = exchange
    settings.outsideX = outsideX
    settings.times = at.map { TimeText.list($0) ?? [] }
    settings.seed = seed ?? settings.seed
    return settings
  }

  func validate() throws {
    let sides = shape.map { [$0.first, $0.second, $0.third] } ?? []
    guard sides.allSatisfy({ $0 >= 1 && $0 <= 100_000 }) else {
      throw ValidationError("--shape needs three whole numbers from 1 up")
    }
    if let at, TimeText.list(at) == nil {
      throw ValidationError(
        "'\(at)' in --at is no list of times: write 90s, 15m, 4h or 2d, separated by commas")
    }
    let settings = settings
    try NumberRange.counts.checkOption(settings.counts, "--counts")
    try NumberRange.energyResolution.checkOption(settings.resolution, "--resolution")
    try NumberRange.pointSpread.checkOption(settings.pointSpread, "--psf-um")
    try NumberRange.label.checkOption(settings.activeLabel, "--active-label")
    for number in settings.lithium ?? [] { try NumberRange.lithium.checkOption(number, "--lithium") }
    try settings.checkOptions()
  }

  func run() throws {
    let console = common.console
    let choice = settings
    let source = try labelSource(choice, console)
    let settings = choice.settings(for: source.grid)
    let performance = try Performance(
      "simulate",
      .folder(output, files: ["xct.tif", "labels.tif", "xcs.nxs", "standards.yaml", "pipeline.yaml"]), common,
      overwrite: outputOptions.overwrite,
      settings: ["simulate": choice], inputs: labels.map { [$0] } ?? [], seeds: ["twin": choice.seed],
      crate: crate)
    let twin = try performance.run { resources in
      try choice.write(source, to: output, overwrite: outputOptions.overwrite, resources: resources)
    }.result
    let xcs = twin.spectra.grid
    try console.result(
      Result(
        output: output, files: Self.files, xctShape: Self.sides(source.grid), xcsShape: Self.sides(xcs),
        bins: settings.bins, seed: choice.seed))
    console.say(
      "XCT \(source.grid.shape) voxels, XCS \(xcs.shape) voxels of \(settings.bins) bins, seed \(choice.seed)"
    )
    console.say("wrote \(output): \(Self.files.joined(separator: " "))")
  }

  private static let files = [
    "xct.tif", "labels.tif", "xcs.nxs", "standards.yaml", "pipeline.yaml", "truth/",
  ]

  private struct Result: Encodable {
    let output: String
    let files: [String]
    let xctShape: [Int]
    let xcsShape: [Int]
    let bins: Int
    let seed: UInt64

    enum CodingKeys: String, CodingKey {
      case output, files, bins, seed
      case xctShape = "xct_shape"
      case xcsShape = "xcs_shape"
    }
  }

  private static func sides(_ grid: Grid) -> [Int] { [grid.shape.z, grid.shape.y, grid.shape.x] }

  private func labelSource(_ choice: SimulateSettings, _ console: Console) throws -> any VolumeSource {
    guard let labels else { return try choice.phantom() }
    let source = try VolumeFile.open(labels, options: VolumeOpenOptions(voxelSize: voxelSize?.spacing))
    if let notice = VolumeFile.spacingNotice(source.grid, file: labels) { console.notice(notice) }
    return source
  }
}
