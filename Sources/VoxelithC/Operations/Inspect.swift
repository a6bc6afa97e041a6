import Voxelith

/// What a file is.
enum Inspect: Operation {
  static let name = "inspect"
  static let summary = "Describe a file: kind, shape, type, voxel size, energy axis, statistics."
  static let sections = [
    Section("volume", VolumeInputSettings.self, "How the file is opened, as a volume."),
    Section("spectra", SpectralInputSettings.self, "How the file is opened, as spectra."),
    Section("header_only", "Describe only; do not read the voxels for statistics."),
  ]
  static let inputs = ["file": "The file."]

  static func run(_ job: Job) throws(VoxelithError) {
    let volume = try job.request.settings(VolumeInputSettings.self, "volume")
    let spectra = try job.request.settings(SpectralInputSettings.self, "spectra")
    let report = try InspectReport(
      try job.path("file"), options: try volume.options(threads: job.resources.threads),
      spectra: try spectra.options(), readsVoxels: !(try job.request.flag("header_only")),
      resources: job.resources)
    try job.give(report: report)
  }
}
