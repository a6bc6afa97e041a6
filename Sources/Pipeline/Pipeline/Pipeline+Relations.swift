import Correlation
import Readers
import Results
import Volumetry

/// The stage that relates lithium to the microstructure.
extension Pipeline {
  func correlateStage(_ folder: String) throws(VoxelithError) -> Stage {
    let plan = plan
    let section = file.correlate
    var analysis = CorrelationAnalysis()
    analysis.confidence = section?.confidence ?? 0.95
    analysis.controls = ControlSettings(fields: section?.controls ?? [])
    analysis.explained = "lithium"
    analysis.depthAxis = try depthAxis()
    analysis.replicates = section?.replicates ?? 1000
    analysis.seed = section?.seed ?? 1
    analysis.sigmas = ["lithium": "lithium_sigma"]
    let settings = analysis
    let given = section?.pairs
    let fieldList = folder + "/fields/" + FieldFolder.index
    let components = plan.has(.fractions) ? try components().map(\.name) : []
    let fractions = folder + "/fractions/fractions.tif"
    let porosity = folder + "/fractions/porosity.tif"
    // A prior makes errors of neighbours alike and adds nothing to a relation: what was measured is related.
    let values = try denoisingRequest().keepsMeasured ? "li_measured" : "li"
    var inputs = [folder + "/map/\(values).tif", folder + "/map/\(values)_sigma.tif"]
    if plan.has(.fractions) {
      inputs += [fractions, porosity, folder + "/fractions/fractions.json"]
      inputs += [resolve(file.inputs.xcs), calibrationPath(folder)]
    }
    if plan.has(.fields) {
      inputs.append(fieldList)
      if let fields = try? ResultFile.read([FieldFolder.Field].self, fieldList) {
        inputs += fields.map { folder + "/fields/" + $0.file }
      }
    }
    return Stage(
      "correlate", inputs: inputs,
      parameters: [
        "pairs": given.map { "\($0)" } ?? "lithium with every other", "controls": "\(settings.controls)",
        "depth_axis": settings.depthAxis.rawValue, "confidence": "\(settings.confidence)",
        "replicates": "\(settings.replicates)",
      ], seeds: ["bootstrap": settings.seed]
    ) { (work, resources) throws(VoxelithError) in
      var settings = settings
      var table = try VoxelTable(grid: try coarseGrid())
      try table.add("lithium", unit: "1", from: try openCoarse(folder + "/map/\(values).tif"))
      try table.add("lithium_sigma", unit: "1", from: try openCoarse(folder + "/map/\(values)_sigma.tif"))
      if plan.has(.fractions) {
        let names = (["active"] + components).map { Self.word($0) + "_fraction" }
        for (channel, name) in names.enumerated() {
          try table.add(
            name, unit: "1", from: try openCoarse(fractions, channel: components.isEmpty ? nil : channel))
        }
        try addErrors(of: names, to: &table, &settings, folder, resources)
        if !(try self.components().contains { $0.label == poreLabel }) {
          try table.add("porosity", unit: "1", from: try openCoarse(porosity))
        }
      }
      if plan.has(.fields) {
        for field in try ResultFile.read([FieldFolder.Field].self, fieldList) {
          try table.add(field.name, unit: field.unit, from: try openCoarse(folder + "/fields/" + field.file))
        }
      }
      let report = try settings.run(
        table,
        pairs: try given.map { (list) throws(VoxelithError) in try pairs(list, table) }
          ?? Self.usefulPairs(table, errors: settings.errorColumns), resources: resources)
      try CorrelationFolder.write(
        report, table: table, sigmas: settings.sigmas, to: work, overwrite: true)
    }
  }

  /// Columns of the errors of the fractions, and of what they have in common with those of lithium.
  private func addErrors(
    of names: [String], to table: inout VoxelTable, _ settings: inout CorrelationAnalysis, _ folder: String,
    _ resources: Resources
  ) throws(VoxelithError) {
    guard
      let effects = try fractionEffects(
        folder, x: try table.column("lithium").values, active: try table.column(names[0]).values, resources)
    else { return }
    for (phase, name) in names.enumerated() {
      let errors = effects.errors(of: phase)
      let known = try table.column(name).values
      guard errors.sigma.count == known.count, errors.sigma.contains(where: { $0 > 0 }) else { continue }
      func kept(_ list: [Double]) -> [Double] { known.indices.map { known[$0].isNaN ? .nan : list[$0] } }
      try table.add(name + "_sigma", unit: "1", values: kept(errors.sigma))
      settings.sigmas[name] = name + "_sigma"
      if errors.covariance.contains(where: { $0.isFinite && $0 != 0 }) {
        let column = name + "_lithium_shared_error"
        try table.add(column, unit: "1", values: kept(errors.covariance))
        settings.sharedErrors.append(.init(x: name, y: "lithium", column: column))
      }
    }
  }

  /// What the errors of the fractions do to x; nil where the pipeline has no fractions of its own.
  func fractionEffects(
    _ folder: String, x: [Double], active: [Double], _ resources: Resources
  ) throws(VoxelithError) -> FractionEffects? {
    guard plan.has(.fractions) else { return nil }
    let report = try ResultFile.read(FractionReport.self, folder + "/fractions/fractions.json")
    let phases = report.phases.count
    let modes = try FractionModeFile.read(
      folder + "/fractions/" + FractionModeFile.name,
      causes: report.modes.compactMap { FractionMode.Cause(rawValue: $0) }, phases: phases)
    let map = try lithiumMap(folder, corrected: true, pulls: true, resources: resources)
    let pulls = try FractionPulls(
      map,
      active: try openCoarse(folder + "/fractions/fractions.tif", channel: phases > 1 ? 0 : nil),
      resources: resources)
    return FractionEffects(pulls, x: x, active: active, own: report.ownCovariance, modes: modes)
  }

  /// A word that a column may be named by.
  private static func word(_ name: String) -> String {
    String(name.map { $0.isLetter || $0.isNumber ? $0 : "_" })
  }

  private func pairs(
    _ list: [[String]], _ table: VoxelTable
  ) throws(VoxelithError) -> [(x: String, y: String)] {
    let names = table.columns.map(\.name)
    var result: [(x: String, y: String)] = []
    for pair in list {
      for name in pair where !names.contains(name) {
        throw bad(
          "correlate.pairs", "there is no quantity '\(name)'", "quantities: " + names.joined(separator: ", "))
      }
      result.append((pair[0], pair[1]))
    }
    return result
  }

  /// Lithium with every other quantity; one that does not vary is told with that reason.
  private static func usefulPairs(_ table: VoxelTable, errors: Set<String>) -> [(x: String, y: String)] {
    table.columns.filter { column in
      column.name != "lithium" && !errors.contains(column.name)
    }.map { ($0.name, "lithium") }
  }
}
