public import ArgumentParser
import Foundation
public import Voxelith

/// Spectra to other chemical maps than lithium.
struct ChemistryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chemistry",
    abstract: "Map edge positions, lines, references or compositions, with errors and gradients.",
    discussion: """
      Examples:
        voxelith chemistry xanes.nxs -o ni --quantity edge --e0 8345
        voxelith chemistry 'stack/mu_*.tif' --energies energies.txt -o ni --quantity edge --noise scatter
        voxelith chemistry eels.nxs -o l3 --quantity peak --window 850,858 --background 830,845 --background 880,890
        voxelith chemistry xanes.nxs -o phases --quantity combination --reference ni2.csv --reference ni3.csv
        voxelith chemistry tip.pos -o tip --quantity composition --ranges tip.rrng --voxel-size 0.002

      Writes value.tif value_sigma.tif mask.tif gradient.tif gradient_sigma.tif (channels x, y, z, per µm) and
      chemistry.json; a combination also chi_squared.tif and covariance.tif. Energies are in eV; ranges before
      and after an edge are relative to it. Errors follow from the stated noise, which is compared with the scatter
      of the data. The mask holds 0 for a good voxel and a reason (see chemistry.json) for others.
      """)

  @Argument(help: "The spectra, or a folder or pattern of volumes, one for each energy.")
  var file: String

  @Option(name: [.customShort("o"), .customLong("output")], help: "Folder for the map.")
  var output: String

  @Option(help: ChemistrySettings.text(.quantity))
  var quantity: ChemistryKind = .edge

  @OptionGroup var choices: ChemistryChoices
  @OptionGroup var input: SpectralInput
  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var crate: CrateOption
  @OptionGroup var common: CommonOptions

  private var settings: ChemistrySettings {
    var settings = choices.settings
    settings.quantity = quantity
    return settings
  }

  func validate() throws { try settings.checkOptions() }

  func run() throws {
    let console = common.console
    let settings = settings
    let opening = input.settings
    let source = try settings.open(file, input: opening, memory: common.memory.bytes)
    if let points = source as? AtomProbePoints, points.unranged > 0 {
      console.notice(
        "\(points.unranged) of \(points.points) points lie in no range and do not count in the composition")
    }
    for notice in SpectralFile.notices(source) { console.notice(notice) }
    if let notice = VolumeFile.spacingNotice(source.grid, file: file) { console.notice(notice) }
    let performance = try Performance(
      "chemistry", .folder(output, files: settings.outputs), common, overwrite: outputOptions.overwrite,
      settings: ["chemistry": settings, "spectra": opening],
      inputs: try settings.inputs(file) + settings.files + opening.files, crate: crate)
    let report = try performance.run { resources in
      try settings.write(source, to: output, overwrite: outputOptions.overwrite, resources: resources)
    }.result
    try console.result(report)
    describe(report, console)
  }

  private func describe(_ report: ChemistryReport, _ console: Console) {
    for notice in report.notices { console.notice(notice) }
    console.say("\(report.mapped) of \(report.voxels) voxels mapped (\(report.quantity.rawValue))")
    for (reason, entry) in report.mask.sorted(by: { $0.value.value < $1.value.value })
    where entry.voxels > 0 && reason != "good" {
      console.say("  \(entry.voxels) \(reason.replacingOccurrences(of: "_", with: " "))")
    }
    for channel in report.channels {
      console.say(
        "\(channel.name)  mean \(Format.measured(channel.mean, channel.meanSigma)) \(report.unit), \(Format.significant(channel.sigma, 3)) a voxel"
      )
    }
    if let ratio = report.chiSquaredPerDOF {
      console.say(
        "chi2/dof  \(Format.fixed(ratio, 3)) (noise \(report.noiseVerdict.replacingOccurrences(of: "_", with: " ")))"
      )
    }
    if let verdict = report.verdict {
      console.say("references  \(verdict.replacingOccurrences(of: "_", with: " "))")
    }
    console.say("wrote \(output)")
  }
}

extension ChemistryKind: ExpressibleByArgument {}

extension NoiseModel: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
  public var defaultValueDescription: String { text }
}
