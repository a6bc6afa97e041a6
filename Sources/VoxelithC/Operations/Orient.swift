import Voxelith

/// The structure tensor.
enum Orient: Operation {
  static let name = "orient"
  static let summary = "Find the direction of pores, fibres or layers in every voxel."
  static let sections =
    [
      Section("orient", OrientSettings.self, "The structure tensor."),
      Section("volume", VolumeInputSettings.self, "How the file of the volume is opened."),
    ] + Section.output
  static let inputs = [
    "volume": "Grey values (z, y, x), or a file.", "mask": "Voxels to include: above zero inside.",
  ]

  static func run(_ job: Job) throws(VoxelithError) {
    var settings = try job.request.settings(OrientSettings.self, "orient")
    if let path = try job.file("mask") { settings.mask = path }
    let source = try job.measured("volume", try job.request.settings(VolumeInputSettings.self, "volume"))
    let ready = settings
    try job.folder(report: "orientation.json", grid: source.grid) {
      (folder, overwrite) throws(VoxelithError) in
      _ = try ready.write(
        source, mask: try ready.openMask(), to: folder, overwrite: overwrite, resources: job.resources)
    }
  }
}
