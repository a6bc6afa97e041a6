import Results
import Volumetry

extension StageDefinition {
  /// Shortest and widest ways through the pores to a face; only where the section is there.
  static let paths = StageDefinition(
    name: "paths", reads: ["segment"],
    absence: { file, plan in
      if file.paths == nil { return "not requested; add 'paths: {}' to run it" }
      return plan.hasLabels(file) ? nil : "there are no labels"
    },
    // The whole phase is held in memory.
    cost: { StageCost(2 * $0.million, 45 * $0.fine.count) },
    prepare: { (pipeline, folder) throws(VoxelithError) in
      var settings = pipeline.file.paths ?? PathsSettings()
      if settings.phase == nil { settings.phase = try pipeline.label("pore", pipeline.file.phases.pore) }
      let asked = settings
      return try Stage(
        "paths", inputs: [pipeline.labelPath(folder)].compactMap { $0 },
        settings: [
          "paths": asked, "labels": pipeline.file.inputs.labelVolume,
          "fine_grid": GridSettings(try pipeline.fineGrid()),
        ]
      ) { (work, resources) throws(VoxelithError) in
        try asked.write(
          try pipeline.openLabels(folder), to: work, overwrite: true, resources: resources)
      }
    })
}
