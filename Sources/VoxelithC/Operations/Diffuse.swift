import Voxelith

/// The diffusivity of lithium from the maps of a series.
enum Diffuse: Operation {
  static let name = "diffuse"
  static let summary =
    "Find the effective diffusivity of lithium from the maps of several states, with intervals."
  static let sections =
    [Section("diffuse", DiffuseSettings.self, "The series, the boundary and what is told apart.")]
    + Section.output
  static let inputs: [String: String] = [:]

  static func run(_ job: Job) throws(VoxelithError) {
    let settings = try job.request.settings(DiffuseSettings.self, "diffuse")
    try settings.validate()
    try settings.checkTransport()
    let files = try settings.inputs()
    job.reads(files)
    let grid = try VolumeFile.open(files[1]).grid
    try job.folder(report: "diffusivity.json", grid: grid) { (folder, overwrite) throws(VoxelithError) in
      let report = try settings.write(to: folder, overwrite: overwrite, resources: job.resources)
      for notice in report.notices { job.outcome.notice(notice) }
    }
  }
}
