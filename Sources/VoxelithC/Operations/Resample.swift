import Voxelith

/// A volume on another grid.
enum Resample: Operation {
  static let name = "resample"
  static let summary = "Put a volume on the grid of another through a transform."
  static let sections = [
    Section("volume", VolumeInputSettings.self, "How the file of the volume is opened."),
    Section(
      "transform", "From points of the target grid to points of the volume: 4x4 by rows in µm, or a file."),
    Section("inverse", "Apply the inverse of the transform."),
    Section(
      "interpolation",
      "nearest (labels), linear, cubic, or area (targets much coarser); else nearest for labels and linear for all others."
    ),
    Section("fill", "Value outside the volume for whole-number types."),
  ]
  static let inputs = [
    "volume": "The volume (z, y, x), or a file.",
    "like": "A volume or file whose grid is taken, or a grid alone.",
  ]

  static func run(_ job: Job) throws(VoxelithError) {
    let source = try job.volume("volume", try job.request.settings(VolumeInputSettings.self, "volume"))
    let like = try job.input("like")
    let target: Grid = if let path = like.path { try GridFile.anyGrid(of: path) } else { try like.grid() }
    var map = try transform(job)
    if try job.request.flag("inverse") { map = try map.inverted() }
    let fill = try job.request.value(Double.self, "fill")
    guard fill == nil || !source.voxelType.isFloatingPoint else {
      throw VoxelithError(
        .usage, "fill: is for whole numbers; outside a volume of \(source.voxelType.rawValue) lies NaN")
    }
    let view = try ResampledVolume(
      source, on: target, through: map, interpolation: try interpolation(job, source), fill: fill ?? 0,
      memory: max(1 << 22, job.resources.arrayMemory / (2 * (job.resources.threads + 1))))
    try view.checkOverlap()
    try job.give([view], as: "volume", on: target)
    try job.give(report: Report(interpolation: view.interpolation))
  }

  private struct Report: Encodable {
    let interpolation: Interpolation
  }

  private static func transform(_ job: Job) throws(VoxelithError) -> SpatialTransform {
    if let matrix = try? job.request.value([[Double]].self, "transform") {
      return try SpatialTransform(matrix: matrix)
    }
    return try job.request.text("transform").map { (path) throws(VoxelithError) in
      try SpatialTransform.read(path: path)
    } ?? .identity
  }

  private static func interpolation(_ job: Job, _ source: any VolumeSource) throws(VoxelithError)
    -> Interpolation
  {
    if let chosen = try job.request.value(Interpolation.self, "interpolation") { return chosen }
    let suited = try Interpolation.suited(to: source)
    if let labels = suited.labels {
      job.outcome.notice(
        "\(source.name) holds whole numbers of \(labels) different values: taken as labels, nearest neighbour (interpolation linear to mix them)"
      )
    }
    return suited.interpolation
  }
}
