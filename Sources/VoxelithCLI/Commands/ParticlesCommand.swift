import ArgumentParser
import Voxelith

/// Labels to particles, or to the bodies and throats of pores.
struct ParticlesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "particles",
    abstract: "Separate touching particles and measure each one; also extract the network of pores.",
    discussion: """
      Examples:
        voxelith particles labels.tif --phase 1 -o particles
        voxelith particles labels.tif --phase 0 -o network
        voxelith particles instances.tif --numbered -o particles

      Writes particles.tif (the number of each voxel), particles.csv (size, sphericity, orientation, contacts),
      contacts.csv, network.csv (bodies and throats, as openpnm.io.network_from_csv reads them, in metres) and
      particles.json. Particles are separated at necks of the distance to the outside; two count as one if the neck is
      nearly as wide as the smaller of them (--relative-depth).
      """)

  @Argument(help: "The labels.")
  var labels: String

  @Option(name: [.customShort("o"), .customLong("output")], help: "Folder for the results.")
  var output: String

  @Option(help: ParticlesSettings.text(.phase))
  var phase: UInt32?

  @Option(help: ParticlesSettings.text(.outside))
  var outside: UInt32?

  @Flag(help: ParticlesSettings.flag(.numbered))
  var numbered = false

  @Option(help: ParticlesSettings.text(.relativeDepth))
  var relativeDepth: Double?

  @Option(help: ParticlesSettings.text(.minimumDepth))
  var minimumDepthUm: Double?

  @Option(help: ParticlesSettings.text(.copies))
  var copies: VolumeCopies?

  @OptionGroup var input: VolumeInput
  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var crate: CrateOption
  @OptionGroup var common: CommonOptions

  private var settings: ParticlesSettings {
    var settings = ParticlesSettings()
    settings.phase = phase
    settings.outside = outside
    settings.numbered = numbered
    settings.relativeDepth = relativeDepth ?? settings.relativeDepth
    settings.minimumDepth = minimumDepthUm
    settings.copies = copies
    return settings
  }

  func validate() throws { try settings.checkOptions() }

  func run() throws {
    let console = common.console
    let settings = settings
    let source = try input.open(labels, console: console)
    if let notice = SegmentationFile.outsideNotice(of: labels, unless: outside) { console.notice(notice) }
    let names = ParticleFolder.names + (copies?.names(of: ["particles.tif"]) ?? [])
    let performance = try Performance(
      "particles", .folder(output, files: names), common, overwrite: outputOptions.overwrite,
      settings: ["particles": settings, "labels": input.settings], inputs: [labels], crate: crate)
    let report = try performance.run { resources in
      try settings.write(
        source, file: labels, to: output, overwrite: outputOptions.overwrite, resources: resources)
    }.result
    try console.result(report)
    console.say("particles         \(report.particles), \(report.wholeParticles) of them whole")
    if let size = report.equivalentDiameter {
      console.say(
        "equivalent size   \(Format.significant(size.mean, 4)) µm; d10 d50 d90 \([size.d10, size.d50, size.d90].map { Format.significant($0, 4) }.joined(separator: "  ")) µm"
      )
    }
    console.say("mean sphericity   \(Format.fixed(report.meanSphericity, 3))")
    console.say("contacts          \(report.contacts), \(Format.fixed(report.meanContacts, 2)) a particle")
    console.say("wrote \(output)")
  }
}
