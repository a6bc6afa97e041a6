import Voxelith

/// Steady diffusion.
enum Transport: Operation {
  static let name = "transport"
  static let summary = "Effective diffusivity and tortuosity factor of one or more phases of labels."
  static let sections = [
    Section("transport", TransportSettings.self, "What conducts, and how it is solved."),
    Section("labels", VolumeInputSettings.self, "How the file of the labels is opened."),
    Section(
      "flux", "Also gives the flux relative to an empty box (z, y, x; x, y, z, magnitude). Needs one axis."),
  ]
  static let inputs = ["labels": "Labels (z, y, x), or a file."]

  static func run(_ job: Job) throws(VoxelithError) {
    let settings = try job.request.settings(TransportSettings.self, "transport")
    let source = try job.measured("labels", try job.request.settings(VolumeInputSettings.self, "labels"))
    let wantsFlux = try job.request.flag("flux")
    guard !wantsFlux || settings.axes.count == 1 else {
      throw VoxelithError(.usage, "flux: needs a single axis, as axes z")
    }
    let report = try settings.solve(
      source, file: source.name, resources: job.resources,
      perAxis: wantsFlux
        ? { (axis, solver) throws(VoxelithError) in try flux(along: axis, &solver, job) } : nil)
    try job.give(report: report)
  }

  private static func flux(
    along axis: Axis, _ solver: inout TransportSolver, _ job: Job
  ) throws(VoxelithError) -> AxisTransport {
    guard let field = try solver.field(along: axis) else {
      job.outcome.notice("nothing flows along \(axis.rawValue), so there is no flux")
      return try solver.transport(along: axis)
    }
    let shape = field.grid.shape
    let array = try OwnedArray(
      "flux", type: .float32, shape: [shape.z, shape.y, shape.x, 4], grid: field.grid)
    let maps: [DiffusionField.FluxMap] = [.component(.x), .component(.y), .component(.z), .magnitude]
    for (channel, map) in maps.enumerated() {
      try field.write(map, into: ArraySink(array, channel: channel, run: 4), resources: job.resources)
    }
    job.outcome.add(array)
    return try field.transport()
  }
}
