import Results
import Volumetry

extension StageDefinition {
  /// Standards to calibration.
  static let calibrate = StageDefinition(
    name: "calibrate", reads: [], absence: { _, _ in nil }, cost: { _ in StageCost(0.1, 1 << 24) },
    prepare: { (pipeline, _) throws(VoxelithError) in
      let standards = pipeline.resolve(pipeline.file.inputs.files.standards)
      let settings = pipeline.file.calibrate
      return try Stage(
        "calibrate", inputs: try StandardsFile.inputs(standards), settings: ["calibrate": settings]
      ) { (work, _) throws(VoxelithError) in
        try settings.write(standards, to: work + "/calibration.json", overwrite: true)
      }
    })
}

extension Pipeline {
  func calibrationPath(_ folder: String) -> String { folder + "/calibrate/calibration.json" }
}
