import Foundation
import Results
import Volumetry

extension StageDefinition {
  /// The diffusivity of lithium from the maps of a series, beside what `transport` says of the same pores; only where the section is there.
  static let diffuse = StageDefinition(
    name: "diffuse", reads: ["transport"],
    absence: { file, _ in
      file.diffuse == nil ? "not requested; add 'diffuse: {series: FOLDER}' to run it" : nil
    },
    // Maps of some thousand to a million voxels, and matrices of some hundred modes.
    cost: { costs in StageCost(20, 400 * costs.coarse + (1 << 27)) },
    prepare: { (pipeline, folder) throws(VoxelithError) in
      var settings = pipeline.file.diffuse ?? DiffuseSettings()
      settings.series = settings.series.map(pipeline.resolve)
      settings.regions = settings.regions.map(pipeline.resolve)
      settings.fractions = settings.fractions.map(pipeline.resolve)
      settings.transport = settings.transport.map(pipeline.resolve)
      if settings.transport == nil, pipeline.plan.has("transport") {
        settings.transport = folder + "/transport/transport.json"
      }
      let asked = settings
      // A file is named by its content, not by where the results lie.
      var named = pipeline.file.diffuse ?? DiffuseSettings()
      named.transport = named.transport ?? (pipeline.plan.has("transport") ? "transport/transport.json" : nil)
      return try Stage(
        "diffuse", inputs: try asked.inputs().filter { FileManager.default.fileExists(atPath: $0) },
        settings: ["diffuse": named]
      ) { (work, resources) throws(VoxelithError) in
        try asked.write(to: work, overwrite: true, resources: resources)
      }
    })
}
