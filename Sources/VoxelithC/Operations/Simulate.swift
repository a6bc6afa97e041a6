import Voxelith

/// A digital twin with truth.
enum Simulate: Operation {
  static let name = "simulate"
  static let summary = "Make a digital twin: an electrode with known truth and its measurements."
  static let sections = [Section("simulate", SimulateSettings.self, "The twin.")] + Section.output
  static let inputs = [
    "labels":
      "Labels (z, y, x) to use instead of a made-up cathode (0 pore, 1 active, 2 carbon and binder), or a file."
  ]

  static func run(_ job: Job) throws(VoxelithError) {
    let choice = try job.request.settings(SimulateSettings.self, "simulate")
    guard try job.request.text("output") != nil else {
      throw VoxelithError(.usage, "a twin is a folder of files", advice: "give output")
    }
    var labels: any VolumeSource = try choice.phantom()
    if job.has("labels") { labels = try job.measured("labels", VolumeInputSettings()) }
    let source = labels
    try job.folder(report: "truth/truth.json", grid: source.grid) {
      (folder, overwrite) throws(VoxelithError) in
      try choice.write(source, to: folder, overwrite: overwrite, resources: job.resources)
    }
  }
}
