import Voxelith

/// Ways through a phase.
enum Paths: Operation {
  static let name = "paths"
  static let summary = "Find the shortest and widest paths through a phase from every voxel to a face."
  static let sections =
    [
      Section("paths", PathsSettings.self, "The phase and the face."),
      Section("labels", VolumeInputSettings.self, "How the file of the labels is opened."),
    ] + Section.output
  static let inputs = ["labels": "Labels (z, y, x), or a file."]

  static func run(_ job: Job) throws(VoxelithError) {
    let settings = try job.request.settings(PathsSettings.self, "paths")
    let source = try job.measured("labels", try job.request.settings(VolumeInputSettings.self, "labels"))
    try job.folder(report: "paths.json", grid: source.grid) { (folder, overwrite) throws(VoxelithError) in
      _ = try settings.write(source, to: folder, overwrite: overwrite, resources: job.resources)
    }
  }
}
