import Voxelith

/// Particles parted and measured.
enum Particles: Operation {
  static let name = "particles"
  static let summary = "Separate touching particles and measure each one; also extract the network of pores."
  static let sections =
    [
      Section("particles", ParticlesSettings.self, "What is parted, and how."),
      Section("labels", VolumeInputSettings.self, "How the file of the labels is opened."),
    ] + Section.output
  static let inputs = ["labels": "Labels (z, y, x), or a file."]

  static func run(_ job: Job) throws(VoxelithError) {
    let settings = try job.request.settings(ParticlesSettings.self, "particles")
    let source = try job.measured("labels", try job.request.settings(VolumeInputSettings.self, "labels"))
    let path = try job.input("labels").path
    try job.folder(report: "particles.json", grid: source.grid) {
      (folder, overwrite) throws(VoxelithError) in
      // Beside an array lies nothing that tells of the outside.
      _ = try settings.write(
        source, file: path ?? folder + "/labels", to: folder, overwrite: overwrite, resources: job.resources)
    }
  }
}
