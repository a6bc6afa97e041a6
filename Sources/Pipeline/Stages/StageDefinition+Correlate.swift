import Correlation
import Readers
import Results
import Volumetry

extension StageDefinition {
  /// Lithium against the microstructure.
  static let correlate = StageDefinition(
    name: "correlate", reads: ["fractions", "fields", "maps", "map"],
    absence: { _, plan in
      ["fields", "fractions", "maps"].contains { plan.has($0) } ? nil : "there are no fields beside lithium"
    },
    cost: { StageCost(1 + 1e-3 * Double($0.coarse), 400 * $0.coarse) },
    prepare: { (pipeline, folder) throws(VoxelithError) in try pipeline.correlateStage(folder) })
}

extension Pipeline {
  fileprivate func correlateStage(_ folder: String) throws(VoxelithError) -> Stage {
    let plan = plan
    let settings = file.correlate
    let fieldList = folder + "/fields/" + FieldFolder.index
    let components = plan.has("fractions") ? try components() : []
    let fractions = folder + "/fractions/fractions.tif"
    let porosity = folder + "/fractions/porosity.tif"
    // A prior makes errors of neighbours alike and adds nothing to a relation: what was measured is related.
    let values = try file.map.request().keepsMeasured ? "li_measured" : "li"
    let checks = crossChecks
    let poresAreComponent = components.contains { $0.label == file.phases.pore }
    var inputs = [values, values + "_sigma", "mask"].map { folder + "/map/\($0).tif" }
    if plan.has("fractions") {
      inputs += [
        fractions, porosity, folder + "/fractions/fractions.json",
        folder + "/fractions/" + FractionModeFile.name,
      ]
      inputs += spectraPaths + [calibrationPath(folder)] + spectralInput.files
    }
    if plan.has("fields") {
      inputs.append(fieldList)
      if let fields = try? ResultFile.read([FieldFolder.Field].self, fieldList) {
        inputs += fields.map { folder + "/fields/" + $0.file }
      }
    }
    if plan.has("maps") { inputs += mapFiles(folder) }
    return try Stage(
      "correlate", inputs: inputs,
      settings: [
        "correlate": settings, "values": values, "components": components.map(\.name),
        "pores_are_a_component": poresAreComponent, "cross_check": checks,
        "maps": file.maps.map(\.map.name),
        "coarse_grid": GridSettings(try coarseGrid()),
        "map": plan.has("fractions") ? mapSettings(corrected: true) : nil,
        "spectra": plan.has("fractions") ? file.inputs.spectra : nil,
      ], seeds: ["bootstrap": settings.seed]
    ) { (work, resources) throws(VoxelithError) in
      var analysis = try settings.analysis(sigmas: ["lithium": "lithium_sigma"])
      analysis.explained = settings.explain ?? "lithium"
      var table = try VoxelTable(grid: try coarseGrid())
      let mask = try openCoarse(folder + "/map/mask.tif")
      func lithium(_ file: String) throws(VoxelithError) -> UnflaggedVolume {
        try UnflaggedVolume(try openCoarse(folder + "/map/\(file).tif"), mask: mask)
      }
      try table.add("lithium", unit: "1", from: try lithium(values))
      var names: [String] = []
      if plan.has("fractions") {
        names = (["active"] + components.map(\.name)).map { Self.word($0) + "_fraction" }
        for (channel, name) in names.enumerated() {
          try table.add(
            name, unit: "1", from: try openCoarse(fractions, channel: components.isEmpty ? nil : channel))
        }
        if !poresAreComponent { try table.add("porosity", unit: "1", from: try openCoarse(porosity)) }
      }
      if plan.has("fields") {
        for field in try ResultFile.read([FieldFolder.Field].self, fieldList) {
          try table.add(field.name, unit: field.unit, from: try openCoarse(folder + "/fields/" + field.file))
        }
      }
      let maps = plan.has("maps") ? try placedMaps(folder) : []
      for map in maps {
        try table.add(map.name, unit: map.unit, from: try openCoarse(folder + "/maps/" + map.file))
      }
      var pairs = Self.usefulPairs(table)
      var freeSigma: [Double] = []
      if checks {
        freeSigma = try addFreeLithium(to: &table, folder, resources)
        pairs += names.map { ($0, Self.freeLithium) }
      }
      let effects =
        names.isEmpty
        ? nil
        : try fractionEffects(
          folder, x: try table.column("lithium").values, active: try table.column(names[0]).values, resources)
      try table.add(
        "lithium_sigma", unit: "1", values: try lithiumErrors(try lithium(values + "_sigma"), effects))
      if checks {
        try table.add(Self.freeLithium + "_sigma", unit: "1", values: freeSigma)
        analysis.sigmas[Self.freeLithium] = Self.freeLithium + "_sigma"
        analysis.notDescriptors = [Self.freeLithium]
      }
      // What a map tells of the chemistry explains nothing by the structure.
      analysis.notDescriptors.formUnion(maps.map(\.name))
      for map in maps where map.sigma != nil {
        let column = map.name + "_sigma"
        try table.add(column, unit: map.unit, from: try openCoarse(folder + "/maps/" + map.sigmaFile))
        analysis.sigmas[map.name] = column
      }
      if let effects { try addErrors(of: names, by: effects, to: &table, &analysis) }
      let report = try analysis.run(
        table,
        pairs: try settings.namedPairs.map { (list) throws(VoxelithError) in try known(list, table) }
          ?? pairs, resources: resources)
      try CorrelationFolder.write(
        report, table: table, sigmas: analysis.sigmas, to: work, overwrite: true)
    }
  }

  /// A word that a column may be named by.
  private static func word(_ name: String) -> String {
    String(name.map { $0.isLetter || $0.isNumber ? $0 : "_" })
  }

  private func known(
    _ list: [(x: String, y: String)], _ table: VoxelTable
  ) throws(VoxelithError) -> [(x: String, y: String)] {
    let names = table.columns.map(\.name)
    for name in list.flatMap({ [$0.x, $0.y] }) where !names.contains(name) {
      throw bad(
        "correlate.pairs", "there is no quantity '\(name)'", "quantities: " + names.joined(separator: ", "))
    }
    return list
  }

  /// Lithium with every other quantity; one that does not vary is told with that reason.
  private static func usefulPairs(_ table: VoxelTable) -> [(x: String, y: String)] {
    table.columns.map(\.name).filter { $0 != "lithium" }.map { ($0, "lithium") }
  }
}
