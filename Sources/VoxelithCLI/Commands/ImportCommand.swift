import ArgumentParser
import Voxelith

/// From raw scans to spectra on a voxel grid.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Put the points of a raw scan on a voxel grid, in the XCS NeXus layout.",
    discussion: """
      Positions, detector elements, frames, live times and energies are found in the files or told by options; the
      report says where every number came from. Several files are exposures of the same voxels, whose counts and
      live times are added up, or parts of one scan.

      Examples:
        voxelith import scan.nxs -o xcs.nxs --detector sum --report geometry.json
        voxelith import a.h5 b.h5 -o xcs.nxs --dataset /entry/mca/data \\
          --positions x=/entry/samx,y=/entry/samy --energy-coefficients 0.02,0.05 --allow-missing
      """)

  @Argument(help: "Files of spectra: NeXus/HDF5, HEXITEC .hxt or text.")
  var files: [String]

  @Option(name: [.customShort("o"), .customLong("output")], help: "The NeXus file to write.")
  var output: String

  @Option(help: "Also write the report of the geometry here, as JSON.")
  var report: String?

  @Option(help: "Level of Deflate, 1 to 9; without it the counts are not packed.")
  var deflate: Int?

  @OptionGroup var input: SpectralInput
  @OptionGroup var outputOptions: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let deflate, !(1...9).contains(deflate) { throw ValidationError("--deflate is a level from 1 to 9") }
    guard !files.contains(output) else { throw ValidationError("the output is one of the inputs") }
  }

  func run() throws {
    let console = common.console
    let opening = input.settings
    guard opening.pinholeDistance == nil, opening.deadPixels == nil, opening.pixelGain == nil else {
      throw ValidationError(
        "gain and offset of pixels, dead pixels and the pinhole camera are for map: import keeps the spectra as they are"
      )
    }
    let performance = try Performance(
      "import", .file(output, named: [report].compactMap { $0 }), common,
      overwrite: outputOptions.overwrite, settings: ["spectra": opening, "deflate": deflate],
      inputs: files + opening.files)
    let done = try performance.run { resources in
      let done = try SpectralImport.write(
        files, to: output, options: try opening.options(), deflate: deflate,
        overwrite: outputOptions.overwrite, program: ("voxelith", PackageVersion.current),
        resources: resources)
      if let report { try JSONOutput.write(done, to: report, overwrite: outputOptions.overwrite) }
      return done
    }.result
    try console.result(done)
    for origin in done.origins {
      console.say("\(origin.quantity): \(origin.value)  [\(origin.source)]")
    }
    console.say(
      "wrote \(output): \(done.shape.map(String.init).joined(separator: " x ")) (z, y, x) voxels of \(done.bins) bins, "
        + done.type)
    for notice in done.notices { console.notice(notice) }
    if done.missingVoxels > 0 { console.notice("\(done.missingVoxels) voxels are missing (NaN)") }
    if let scan = done.scan, scan.repeated > 0 {
      console.notice(
        "several points fell on each of \(scan.repeated) voxels: "
          + (input.scan.repeats == .refuse
            ? "they are added up, as exposures of one voxel" : "--repeats \(input.scan.repeats.rawValue)"))
    }
    if done.voxelSizeUm == nil {
      console.notice("\(output): the voxel size is not known; give it with --voxel-size")
    }
  }
}
