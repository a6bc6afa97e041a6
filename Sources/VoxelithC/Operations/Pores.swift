import Voxelith

/// Metrics of one phase.
enum Pores: Operation {
  static let name = "pores"
  static let summary = "Measure the pores: porosity, surface, sizes, chords, correlation."
  static let sections =
    [
      Section("pores", PoresSettings.self, "What is measured."),
      Section("labels", VolumeInputSettings.self, "How the file of the labels is opened."),
    ] + Section.output
  static let inputs = ["labels": "Labels (z, y, x), or a file."]

  static func run(_ job: Job) throws(VoxelithError) {
    let settings = try job.request.settings(PoresSettings.self, "pores")
    let source = try job.measured("labels", try job.request.settings(VolumeInputSettings.self, "labels"))
    let path = try job.input("labels").path
    if let notice = path.flatMap({ SegmentationFile.outsideNotice(of: $0, unless: settings.outside) }) {
      job.outcome.notice(notice)
    }
    try job.folder(report: "pores.json", grid: source.grid) { (folder, overwrite) throws(VoxelithError) in
      // Beside an array lies nothing that tells of the outside.
      _ = try settings.write(
        source, file: path ?? folder + "/labels", to: folder, overwrite: overwrite, resources: job.resources)
    }
  }
}
