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

      Writes xct.tif labels.tif xcs.nxs standards.yaml pipeline.yaml truth/.
      """)

  @Option(name: [.customShort("o"), .customLong("output")], help: "Folder for the twin.")
  var output: String

  @Option(help: "Pores of the made-up cathode: directional or isotropic.")
  var preset: CathodePhantom.Pores = .directional

  @Option(help: "A label volume to use instead (0 pore, 1 active, 2 carbon and binder).")
  var labels: String?

  @Option(help: "XCT voxel size in um: one number, or z,y,x.")
  var voxelSize: VoxelSize?

  @Option(help: "XCT voxels of the made-up cathode as z,y,x.")
  var shape: NumberTriple?

  @Option(help: "Label of the active material.")
  var activeLabel: Int = 1

  @Option(help: "XCT voxels along the side of an XCS voxel; by default about 5000 XCS voxels.")
  var ratio: Int?

  @Option(help: "Counts in the spectrum of a voxel filled with active material.")
  var counts: Double = 1e6

  @Option(help: "Background counts as a part of the counts.")
  var background: Double = 0.02

  @Option(help: "Energy resolution in keV (FWHM).")
  var resolution: Double = 0.8

  @Option(help: "Change of the scattering angle from the middle to the edge of the detector in degrees.")
  var angleSpread: Double = 0

  @Option(
    help: "Spread of the pixels' gains, relative; they are written to pixel_gain.txt and pixel_offset.txt.")
  var gainSpread: Double = 0

  @Option(help: "Spread of the pixels' offsets in keV.")
  var offsetSpread: Double = 0

  @Flag(help: "Let the sample absorb; the materials are written to absorption.yaml.")
  var absorption = false

  @Flag(help: "Let electrolyte and carbon scatter, too.")
  var mixture = false

  @Option(help: "Rotation of the XCS against the XCT in degrees about x,y,z.")
  var rotation: NumberTriple?

  @Option(help: "Shift of the XCS against the XCT in um along x,y,z.")
  var translation: NumberTriple?

  @Option(help: "Standard deviation of the XCS point spread in um.")
  var psfUm: Double = 0

  @Option(help: "Porosity of the made-up cathode.")
  var porosity: Double = 0.4

  @Option(help: "Angle between directional pores and z in degrees.")
  var tilt: Double = 0

  @Option(help: "Mean x, its change through the depth and its lateral spread, as mean,gradient,spread.")
  var lithium: NumberTriple?

  @Option(help: "Seed of the random numbers.")
  var seed: UInt64 = 1

  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var crate: CrateOption
  @OptionGroup var common: CommonOptions

  func validate() throws {
    try NumberRange.counts.checkOption(counts, "--counts")
    try NumberRange.energyResolution.checkOption(resolution, "--resolution")
    try NumberRange.pointSpread.checkOption(psfUm, "--psf-um")
    try NumberRange.label.checkOption(activeLabel, "--active-label")
    for number in lithium.map({ [$0.first, $0.second, $0.third] }) ?? [] {
      try NumberRange.lithium.checkOption(number, "--lithium")
    }
  }

  func run() throws {
    let console = common.console
    let source = try labelSource(console)
    var settings = TwinSettings()
    settings.seed = seed
    settings.counts = counts
    settings.backgroundFraction = background
    settings.energyResolution = resolution
    settings.angleSpread = angleSpread
    settings.gainSpread = gainSpread
    settings.offsetSpread = offsetSpread
    settings.absorbs = absorption
    settings.isMixture = mixture
    settings.activeLabel = activeLabel
    settings.rotation = rotation?.vector ?? .zero
    settings.translation = translation?.vector ?? .zero
    settings.pointSpread = psfUm
    settings.ratio = ratio ?? Self.defaultRatio(source.grid.shape)
    if let lithium {
      settings.lithiumMean = lithium.first
      settings.lithiumGradient = lithium.second
      settings.lithiumAmplitude = lithium.third
    }
    let ready = settings
    let performance = try Performance(
      "simulate",
      .folder(output, files: ["xct.tif", "labels.tif", "xcs.nxs", "standards.yaml", "pipeline.yaml"]), common,
      overwrite: outputOptions.overwrite,
      settings: ["twin": TwinRecord(ready), "preset": preset.rawValue, "porosity": porosity, "tilt": tilt],
      inputs: labels.map { [$0] } ?? [], seeds: ["twin": seed], crate: crate)
    let twin = try performance.run { resources in
      let twin = try Twin(labels: source, settings: ready, resources: resources)
      try TwinFolder.write(twin, to: output, overwrite: outputOptions.overwrite, resources: resources)
      return twin
    }.result
    let xcs = twin.spectra.grid
    try console.result(
      Result(
        output: output, files: Self.files, xctShape: Self.sides(source.grid), xcsShape: Self.sides(xcs),
        bins: settings.bins, seed: seed))
    console.say(
      "XCT \(source.grid.shape) voxels, XCS \(xcs.shape) voxels of \(settings.bins) bins, seed \(seed)")
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

  /// What a twin is made from, in the units of the options.
  private struct TwinRecord: Encodable {
    let ratio: Int
    let counts: Double
    let mixture: Bool
    let rotation: [Double]
    let translation: [Double]
    let pointSpread: Double

    init(_ settings: TwinSettings) {
      ratio = settings.ratio
      counts = settings.counts
      mixture = settings.isMixture
      rotation = [settings.rotation.x, settings.rotation.y, settings.rotation.z]
      translation = [settings.translation.x, settings.translation.y, settings.translation.z]
      pointSpread = settings.pointSpread
    }

    enum CodingKeys: String, CodingKey {
      case ratio, counts, mixture
      case rotation = "rotation_deg"
      case translation = "translation_um"
      case pointSpread = "psf_um"
    }
  }

  private static func sides(_ grid: Grid) -> [Int] { [grid.shape.z, grid.shape.y, grid.shape.x] }

  private func labelSource(_ console: Console) throws -> any VolumeSource {
    if let labels {
      let source = try VolumeFile.open(labels, options: VolumeOpenOptions(voxelSize: voxelSize?.spacing))
      if let notice = VolumeFile.spacingNotice(source.grid, file: labels) { console.notice(notice) }
      return source
    }
    let sides = shape ?? NumberTriple(argument: "120,160,160")
    guard let sides, [sides.first, sides.second, sides.third].allSatisfy({ $0 >= 1 && $0 <= 100_000 }) else {
      throw ValidationError("--shape needs three whole numbers from 1 up")
    }
    let grid = Grid(
      shape: Shape(z: Int(sides.first), y: Int(sides.second), x: Int(sides.third)),
      spacing: voxelSize?.spacing ?? SIMD3(repeating: 5))
    return try CathodePhantom(grid: grid, pores: preset, porosity: porosity, tilt: tilt, seed: seed)
  }

  /// The ratio that gives about 5000 XCS voxels, but 1 at least.
  static func defaultRatio(_ shape: Shape) -> Int {
    max(1, Int(Foundation.cbrt(Double(shape.count) / 5000).rounded()))
  }
}
