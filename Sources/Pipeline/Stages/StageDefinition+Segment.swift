import Microstructure
import Results
import Volumetry

extension StageDefinition {
  /// Grey values of the XCT to labels.
  static let segment = StageDefinition(
    name: "segment", reads: [],
    absence: { file, _ in
      if file.inputs.files.labels != nil { return "labels are given" }
      return file.inputs.files.xct == nil ? "there is no XCT" : nil
    },
    cost: { costs in
      let filter =
        switch costs.denoise {
        case .none: 0.0
        case .median: 0.2
        case .nonLocalMeans: 0.45
        }
      // The width of the blur is looked for in a part of the volume.
      let (sharpening, search) = costs.partialVolume ? (3.0, 3.0 * min(1, costs.million)) : (0, 0)
      let held = (costs.denoise == .none ? 0 : 4) + (costs.partialVolume ? 1 : 0)
      return StageCost(
        ((0.04 + filter + sharpening) * costs.million + search) / costs.threads + 0.05, costs.streamed,
        holding: held * costs.fine.count, beyond: costs.memory / 3)
    },
    prepare: { (pipeline, _) throws(VoxelithError) in
      let settings = pipeline.segmentSettings
      return try Stage(
        "segment", inputs: [pipeline.finePath, settings.resolved(pipeline.resolve).mask].compactMap { $0 },
        settings: ["segment": settings, "xct": pipeline.file.inputs.tomogram]
      ) { (work, resources) throws(VoxelithError) in
        try settings.resolved(pipeline.resolve).write(
          try pipeline.requiredXCT(), to: work + "/labels.tif", overwrite: true, resources: resources)
      }
    })
}

extension Pipeline {
  /// The settings with as many classes as there are phases, where nothing else is said.
  var segmentSettings: SegmentSettings {
    var settings = file.segment
    if settings.thresholds == nil, settings.hysteresis == nil {
      settings.classes =
        settings.classes ?? max(2, file.phases.components.isEmpty ? 2 : file.phases.components.count + 1)
    }
    return settings
  }

  /// The segmentation of the XCT, which is the same each time it is made.
  func segmentation(_ resources: Resources) throws(VoxelithError) -> Segmentation {
    try segmentSettings.resolved(resolve).segmentation(of: try requiredXCT(), resources: resources)
  }
}
