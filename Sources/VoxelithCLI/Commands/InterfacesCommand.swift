import ArgumentParser
import Voxelith

/// Labels to contact areas, lines between three phases, and topology.
struct InterfacesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "interfaces",
    abstract: "Measure contact areas between phases, triple-phase lines, Euler number and connectivity.",
    discussion: """
      Examples:
        voxelith interfaces labels.tif -o interfaces.json
        voxelith interfaces labels.tif -o interfaces.json --phases 0,1,2 --connectivity 26

      Areas are those of smooth interfaces, not of faces of voxels; the border of the volume and of the sample is no
      interface. For a single image the outlines are given in µm, and no lines between three phases.
      """)

  @Argument(help: "The labels.")
  var labels: String

  @Option(name: [.customShort("o"), .customLong("output")], help: "The JSON file to write.")
  var output: String

  @Option(help: InterfacesSettings.text(.phases))
  var phases: LabelList?

  @Option(help: InterfacesSettings.text(.outside))
  var outside: UInt32?

  @Option(help: InterfacesSettings.text(.connectivity))
  var connectivity: Neighbours?

  @OptionGroup var input: VolumeInput
  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  /// The neighbours for which an Euler number is known.
  enum Neighbours: String, ExpressibleByArgument, CaseIterable {
    case six = "6"
    case twentySix = "26"

    var value: Connectivity { self == .six ? .six : .twentySix }
  }

  private var settings: InterfacesSettings {
    var settings = InterfacesSettings()
    settings.phases = phases.map { LabelSet($0.labels) }
    settings.outside = outside
    settings.connectivity = connectivity?.value ?? settings.connectivity
    return settings
  }

  func validate() throws { try settings.checkOptions() }

  func run() throws {
    let console = common.console
    let settings = settings
    let source = try input.open(labels, console: console)
    if let notice = SegmentationFile.outsideNotice(of: labels, unless: outside) { console.notice(notice) }
    let performance = try Performance(
      "interfaces", .file(output, others: []), common, overwrite: outputOptions.overwrite,
      settings: ["interfaces": settings, "labels": input.settings], inputs: [labels])
    let report = try performance.run { resources in
      let report = try settings.measure(source, file: labels, resources: resources)
      try JSONOutput.write(report, to: output, overwrite: outputOptions.overwrite)
      return report
    }.result
    try console.result(report)
    func names(_ phases: [UInt32]) -> String { phases.map { "\($0)" }.joined(separator: "-") }
    let isFlat = report.missingAxes != nil
    for contact in report.interfaces.contacts {
      console.say(
        "contact \(names(contact.phases))  \(Format.significant(contact.area, 5)) \(isFlat ? "µm" : "µm²"), \(Format.significant(contact.specificArea, 4)) /µm"
      )
    }
    for line in report.interfaces.tripleLines {
      console.say(
        "line \(names(line.phases))  \(Format.significant(line.length, 5)) µm, \(Format.significant(line.density, 4)) /µm²"
      )
    }
    for phase in report.interfaces.phases {
      let topology = phase.topology
      console.say(
        "phase \(phase.label): Euler number \(topology.euler), \(topology.components) components, \(topology.tunnels) tunnels, \(topology.cavities) cavities"
      )
    }
    console.say("wrote \(output)")
  }
}
