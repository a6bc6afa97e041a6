import ArgumentParser
import Foundation
import Voxelith

/// What is this file?
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Tell what a file is: kind, shape, type, voxel size, energy axis, statistics.",
    discussion: """
      Examples:
        voxelith inspect xcs.nxs
        voxelith inspect slices/ --voxel-size 0.8 --json
      """)

  @Argument(help: "Files: TIFF, a folder of slices, HDF5/NeXus, HEXITEC .hxt, NPY, CSV, raw.")
  var files: [String]

  @Flag(help: "Describe only; do not read the voxels for statistics.")
  var headerOnly = false

  @OptionGroup var input: VolumeInput
  @OptionGroup var common: CommonOptions

  func run() throws {
    let resources = common.resources()
    let console = common.console.answering
    var reports: [InspectReport] = []
    for file in files {
      let report = try InspectReport(
        file, options: try input.settings.options(threads: common.threads), readsVoxels: !headerOnly,
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
