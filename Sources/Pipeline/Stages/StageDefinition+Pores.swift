import Results
import Volumetry

extension StageDefinition {
  /// Metrics of the pores; only where the section is there.
  static let pores = StageDefinition(
    name: "pores", reads: ["segment"],
    absence: { file, plan in
      if file.pores == nil { return "not requested; add 'pores: {}' to run it" }
      return plan.hasLabels(file) ? nil : "there are no labels"
    },
    cost: { StageCost(($0.hasThickness ? 1 : 0.3) * $0.million / $0.threads, $0.streamed) },
    prepare: { (pipeline, folder) throws(VoxelithError) in
      let settings = try pipeline.poresSettings(folder)
      return try Stage(
        "pores",
        inputs: [pipeline.labelPath(folder)].compactMap { $0 } + settings.resolved(pipeline.resolve).files,
        settings: [
          "pores": settings, "labels": pipeline.file.inputs.labelVolume,
          "fine_grid": GridSettings(try pipeline.fineGrid()),
        ]
      ) { (work, resources) throws(VoxelithError) in
        try settings.resolved(pipeline.resolve).write(
          try pipeline.openLabels(folder), file: pipeline.labelPath(folder) ?? "", to: work, overwrite: true,
          resources: resources)
      }
    })
}

extension Pipeline {
  /// The settings with the phase of the pores and the label outside the sample.
  func poresSettings(_ folder: String) throws(VoxelithError) -> PoresSettings {
    var settings = file.pores ?? PoresSettings()
    guard let pore = UInt32(exactly: file.phases.pore) else {
      throw bad("phases.pore", "\(file.phases.pore) is not a label", "labels run from 0 to 4294967294")
    }
    settings.phase = settings.phase ?? pore
    settings.outside = settings.outside ?? file.phases.outside
    return settings
  }
}
