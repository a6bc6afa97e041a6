import Voxelith

/// Alignment of two volumes.
enum Register: Operation {
  static let name = "register"
  static let summary = "Align a moving volume (XCT) with a fixed one (XCS intensity)."
  static let sections = [
    Section("register", RegisterSettings.self, "The transform and the search for it."),
    Section("moving_volume", VolumeInputSettings.self, "How the file of the moving volume is opened."),
    Section("fixed_volume", VolumeInputSettings.self, "How the file of the fixed volume is opened."),
    Section("error_map", "Also gives the expected error in µm on the fixed grid."),
  ]
  static let inputs = [
    "moving": "The moving volume (z, y, x), usually the fine one, or a file.",
    "fixed": "The fixed volume (z, y, x), usually the coarse one, or a file.",
    "moving_mask": "Mask of the moving volume: zero is missing.",
    "fixed_mask": "Mask of the fixed volume: zero is missing.",
    "variance": "Variance of the fixed values; for counts, the counts themselves.",
  ]

  static func run(_ job: Job) throws(VoxelithError) {
    let settings = try job.request.settings(RegisterSettings.self, "register")
    let how = try job.request.settings(VolumeInputSettings.self, "fixed_volume")
    let moving = try volume(
      job, "moving", try job.request.settings(VolumeInputSettings.self, "moving_volume"))
    let fixed = try volume(job, "fixed", how)
    let result = try VolumeRegistration.align(
      moving: moving, to: fixed, variance: job.has("variance") ? try job.volume("variance", sized(how)) : nil,
      options: try settings.options(), resources: job.resources)
    for warning in result.warnings { job.outcome.notice(warning) }
    if try job.request.flag("error_map") {
      try job.give([result.errorMap(on: fixed.grid)], as: "error_um", on: fixed.grid)
    }
    do {
      job.outcome.report = String(decoding: try result.document.json(), as: UTF8.self)
    }
  }

  private static func volume(
    _ job: Job, _ name: String, _ settings: VolumeInputSettings
  ) throws(VoxelithError) -> any VolumeSource {
    let source = try job.volume(name, settings)
    guard source.grid.hasKnownSpacing else {
      throw VoxelithError(
        .data, "the size of the voxels is not known", file: source.name, advice: "give it in µm")
    }
    guard job.has("\(name)_mask") else { return source }
    return try MaskedVolume(source, mask: try job.volume("\(name)_mask", sized(settings)))
  }

  private static func sized(_ settings: VolumeInputSettings) -> VolumeInputSettings {
    var result = VolumeInputSettings()
    result.voxelSize = settings.voxelSize
    return result
  }
}
