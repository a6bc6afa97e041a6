import Foundation
import Voxelith

/// One figure.
enum Render: Operation {
  static let name = "render"
  static let summary = "Draw volumes and results as PNG, PDF or SVG, or a surface as PLY, STL or GLB."
  static let sections = [
    Section(
      "figure",
      "The figure by the keys of `render --spec`. Panels name files by their whole path, and the array volume.NAME as NAME.tif; NAME may have a folder before it."
    ), Section("overwrite", "Whether the file may be replaced."),
  ]
  static let inputs = [
    "file": "The figure to write.",
    "volume.NAME": "An array (z, y, x; or z, y, x, component) that panels draw.",
  ]

  private struct Report: Encodable {
    var caption: String
    var triangles: Int?
    var area: Double?
    var volume: Double?

    enum CodingKeys: String, CodingKey {
      case caption, triangles
      case area = "area_um2"
      case volume = "volume_um3"
    }
  }

  static func run(_ job: Job) throws(VoxelithError) {
    guard let output = try job.input("file").path else {
      throw VoxelithError(.usage, "the input 'file' must be a file")
    }
    let overwrite = try job.request.flag("overwrite")
    let folder = try job.scratch.path
    for name in job.names("volume") {
      let parts = name.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") }) else {
        throw VoxelithError(.usage, "an array cannot have the name '\(name)'")
      }
      if parts.count == 2 { try OutputFile.prepareFolder(folder + "/" + parts[0]) }
      try job.lay("volume.\(name)", to: folder + "/\(name).tif")
      let array = try job.input("volume.\(name)")
      if array.shape.count == 3 {
        job.outcome.notice(VolumeFile.spacingNotice(try array.grid(), file: name))
      }
    }
    let figure = try figure(job, in: folder)
    guard MeshFile(rawValue: PathName.ending(of: output).lowercased()) == nil else {
      try mesh(figure, in: folder, to: output, overwrite, job)
      return
    }
    let options = try figure.options(overwrite: overwrite)
    let panel = try figure.figure(in: folder, resources: job.resources)
    try panel.write(to: output, options: options)
    try job.give(report: Report(caption: panel.caption))
  }

  private static func figure(_ job: Job, in folder: String) throws(VoxelithError) -> FigureSpec {
    guard let value = try job.request.value(JSONValue.self, "figure") else {
      throw VoxelithError(.usage, "the figure is missing")
    }
    let path = folder + "/figure"
    try JSONOutput.write(value, to: path, overwrite: true)
    let figure = try FigureSpec.read(path)
    for panel in figure.panels { try panel.validate() }
    return figure
  }

  private static func mesh(
    _ figure: FigureSpec, in folder: String, to output: String, _ overwrite: Bool, _ job: Job
  ) throws(VoxelithError) {
    guard figure.panels.count == 1, case .surface(let panel) = figure.panels[0] else {
      throw VoxelithError(
        .usage, "a surface file holds the surface of one volume", file: output,
        advice: "use kind surface, or end the name in .png, .pdf or .svg")
    }
    let surface = try panel.isosurface(in: folder, resources: job.resources)
    let summary = try MeshFile.write(surface, to: output, overwrite: overwrite, resources: job.resources)
    try job.give(
      report: Report(
        caption: "\(summary.triangles) triangles", triangles: summary.triangles, area: summary.area,
        volume: summary.volume))
  }
}
