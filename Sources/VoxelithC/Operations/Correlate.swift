import Voxelith

/// Statistics of fields on one grid.
enum Correlate: Operation {
  static let name = "correlate"
  static let summary = "Relate lithium to microstructure on the coarse grid."
  static let sections =
    [
      Section("correlate", CorrelateSettings.self, "What is related, and what is taken out."),
      Section("units", "Units of the fields by name; 1 where nothing is said."),
      Section("figures", "Draw figures into the output folder; true by default."),
    ] + Section.output
  static let inputs = [
    "field.NAME": "A quantity (z, y, x), or a file; two or more.",
    "sigma.NAME": "Its standard errors.", "mask.NAME": "Where it is not zero the quantity takes no part.",
    "shared.X.Y": "Covariance of the errors of two quantities.",
  ]

  static func run(_ job: Job) throws(VoxelithError) {
    let settings = try job.request.settings(CorrelateSettings.self, "correlate")
    let units = try job.request.value([String: String].self, "units") ?? [:]
    let names = job.names("field")
    guard names.count >= 2 else {
      throw VoxelithError(.usage, "\(names.count) fields cannot be related", advice: "give at least two")
    }
    let first = try job.volume("field.\(names[0])").grid
    var table = try VoxelTable(grid: first)
    for name in names {
      var source = try job.volume("field.\(name)")
      if job.has("mask.\(name)") {
        source = try UnflaggedVolume(source, mask: try job.volume("mask.\(name)"))
      }
      try table.add(
        name, unit: units[name] ?? "1", period: settings.axial.contains(name) ? 180 : nil, from: source)
    }
    var sigmas: [String: String] = [:]
    for name in job.names("sigma") {
      let column = try table.column(name)
      try table.add(name + "_sigma", unit: column.unit, from: try job.volume("sigma.\(name)"))
      sigmas[name] = name + "_sigma"
    }
    var analysis = try settings.analysis(sigmas: sigmas)
    for pair in job.names("shared") {
      let sides = pair.split(separator: ".").map(String.init)
      guard sides.count == 2 else { throw VoxelithError(.usage, "'shared.\(pair)' names no two fields") }
      let column = "\(sides[0])_\(sides[1])_shared_error"
      try table.add(column, unit: "1", from: try job.volume("shared.\(pair)"))
      analysis.sharedErrors.append(.init(x: sides[0], y: sides[1], column: column))
    }
    let (ready, whole, errors) = (analysis, table, sigmas)
    let figures = try job.request.value(Bool.self, "figures") ?? true
    let keepsFiles = try job.request.text("output") != nil
    try job.folder(report: "correlation.json") { (folder, overwrite) throws(VoxelithError) in
      let report = try ready.run(whole, pairs: settings.namedPairs, resources: job.resources)
      try CorrelationFolder.write(
        report, table: whole, sigmas: errors, to: folder, figures: figures && keepsFiles, overwrite: overwrite
      )
    }
  }
}
