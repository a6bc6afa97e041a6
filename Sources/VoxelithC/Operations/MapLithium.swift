import Voxelith

/// Spectra to lithium.
enum MapLithium: Operation {
  static let name = "map"
  static let summary = "Turn the spectrum of every voxel into lithium content x with its error."
  static let sections =
    [
      Section("map", MapSettings.self, "How x is found."),
      Section(
        "spectra", SpectralInputSettings.self, "How the spectra were measured, and how their file is opened."),
      Exposures.section,
    ] + Section.output
  static let inputs = Exposures.inputs.merging([
    "calibration": "The calibration (JSON file).",
    "fractions": "Volume fractions (phase, z, y, x) on the grid of the spectra, or a file.",
    "guide": "What smoothing takes edges from (z, y, x), or a file.",
  ]) { $1 }

  static func run(_ job: Job) throws(VoxelithError) {
    var given = try job.request.settings(MapSettings.self, "map")
    if let path = try job.file("fractions") { given.fractions = path }
    if let path = try job.file("guide") { given.guide = path }
    let settings = given
    try settings.validate()
    let opening = try job.request.settings(SpectralInputSettings.self, "spectra")
    let calibration = try CalibrationFile.read(try job.path("calibration"))
    let source = try Exposures.open(job, opening, angle: calibration.scatteringAngle)
    if let notice = VolumeFile.spacingNotice(source.grid, file: source.name) { job.outcome.notice(notice) }
    try job.folder(report: "map.json", grid: source.grid) { (folder, overwrite) throws(VoxelithError) in
      let map = try settings.map(
        source, input: opening, calibration: calibration, watches: true, resources: job.resources)
      let report = try settings.write(
        map, calibration: calibration, to: folder, overwrite: overwrite, resources: job.resources)
      try settings.addFormat(in: folder, grid: source.grid, overwrite: overwrite)
      for notice in notices(report) { job.outcome.notice(notice) }
    }
  }

  /// What a careful reader of a map should know.
  static func notices(_ report: MapReport) -> [String] {
    var notices = report.notices + [report.misfit?.notice].compactMap { $0 }
    if let binning = report.binning, binning.short > 0 {
      notices.append("\(binning.short) of \(binning.bins) bins have a larger sigma(x) than was asked for")
    }
    if let prior = report.prior, !prior.isCriterionMet {
      notices.append("the prior would have to reach further than \(prior.reach) voxels; it does not")
    }
    if let prior = report.prior, prior.unseenStructure > 0 {
      notices.append(
        "in \(prior.unseenStructure) voxels the prior smoothed over structure that the guide does not show")
    }
    return notices
  }
}
