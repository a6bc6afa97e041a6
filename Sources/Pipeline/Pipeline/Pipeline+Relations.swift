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
    analysis.controls = section?.controls ?? []
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
    if plan.has(.fractions) { inputs += [fractions, porosity] }
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
      var table = try VoxelTable(grid: try coarseGrid())
      try table.add("lithium", unit: "1", from: try openCoarse(folder + "/map/\(values).tif"))
      try table.add("lithium_sigma", unit: "1", from: try openCoarse(folder + "/map/\(values)_sigma.tif"))
      if plan.has(.fractions) {
        for (channel, name) in (["active"] + components).enumerated() {
          try table.add(
            Self.word(name) + "_fraction", unit: "1",
            from: try openCoarse(fractions, channel: components.isEmpty ? nil : channel))
        }
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
          ?? Self.usefulPairs(table), resources: resources)
      try CorrelationFolder.write(
        report, table: table, sigmas: settings.sigmas, to: work, overwrite: true)
    }
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

  /// Lithium with every other quantity that varies where lithium is known.
  private static func usefulPairs(_ table: VoxelTable) -> [(x: String, y: String)] {
    guard let lithium = table.columns.first(where: { $0.name == "lithium" }) else { return [] }
    return table.columns.filter { column in
      guard column.name != "lithium", column.name != "lithium_sigma" else { return false }
      return (try? FieldPair(lithium.values, column.values, shape: table.grid.shape)) != nil
    }.map { ($0.name, "lithium") }
  }
}
