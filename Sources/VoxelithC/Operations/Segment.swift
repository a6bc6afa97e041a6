import Voxelith

/// Grey values to phases.
enum Segment: Operation {
  static let name = "segment"
  static let summary = "Part grey values into phases."
  static let sections =
    [
      Section("segment", SegmentSettings.self, "How the phases are parted."),
      Section("volume", VolumeInputSettings.self, "How the file of the volume is opened."),
    ] + Section.output
  static let inputs = [
    "volume": "Grey values (z, y, x), or a file.", "mask": "Voxels to include: above zero inside.",
  ]

  static func run(_ job: Job) throws(VoxelithError) {
    var settings = try job.request.settings(SegmentSettings.self, "segment")
    if let path = try job.file("mask") { settings.mask = path }
    let source = try job.measured("volume", try job.request.settings(VolumeInputSettings.self, "volume"))
    let ready = settings
    try job.folder(report: "segment.json", grid: source.grid) { (folder, overwrite) throws(VoxelithError) in
      _ = try ready.write(source, to: folder + "/labels.tif", overwrite: overwrite, resources: job.resources)
    }
  }
}
