import ArgumentParser
import Foundation
import Voxelith

/// What is this file?
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Describe a file: kind, shape, type, voxel size, energy axis, statistics.",
    discussion: """
      Examples:
        voxelith inspect xcs.nxs
        voxelith inspect slices/ --voxel-size 0.8 --json
      """)

  @Argument(help: "Files: TIFF, a folder of slices, HDF5/NeXus, HEXITEC .hxt, NPY, CSV, raw.")
  var files: [String]

  @Flag(help: "Describe only; do not read the voxels for statistics.")
  var headerOnly = false

  @Option(help: "Spectra: path of the energy axis, or of the coefficients of its calibration.")
  var energyDataset: String?

  @Option(help: "Spectra: live time of each voxel in seconds.")
  var liveTime: Double?

  @Option(help: "Spectra: beam energy in keV.")
  var incidentEnergy: Double?

  @Option(help: "Spectra: scattering angle in degrees.")
  var scatteringAngle: Double?

  @OptionGroup var scan: ScanInput
  @OptionGroup var input: VolumeInput
  @OptionGroup var common: CommonOptions

  /// What is said of spectra, with what is said of volumes and holds for both.
  private var spectra: SpectralInputSettings {
    var settings = SpectralInputSettings()
    settings.dataset = input.dataset
    settings.voxelSize = input.settings.voxelSize
    settings.energyDataset = energyDataset
    settings.scan = scan.settings(allowMissing: input.allowMissing)
    settings.elementCoefficients = scan.elementCoefficients
    settings.liveTime = liveTime
    settings.incidentEnergy = incidentEnergy
    settings.scatteringAngle = scatteringAngle
    return settings
  }

  func run() throws {
    let resources = common.resources()
    let console = common.console.answering
    var reports: [InspectReport] = []
    for file in files {
      let report = try InspectReport(
        file, options: try input.settings.options(threads: common.threads), spectra: try spectra.options(),
        readsVoxels: !headerOnly,
        resources: resources)
      reports.append(report)
      for line in report.lines { console.say(line) }
      if report.volume?.voxelSizeUm == nil && report.volume != nil
        || report.spectra != nil && report.spectra?.voxelSize == nil
      {
        console.notice("\(file): the voxel size is not known; give it with --voxel-size")
      }
    }
    if reports.count == 1 {
      try console.result(reports[0])
    } else {
      try console.result(reports)
    }
  }
}
