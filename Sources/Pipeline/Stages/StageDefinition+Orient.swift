import Microstructure
import Results
import Volumetry

extension StageDefinition {
  /// Directions of the pores: gradients of the XCT (of the pores themselves where there is no XCT), seen within the
  /// pores where labels tell them.
  static let orient = StageDefinition(
    name: "orient", reads: ["segment"],
    absence: { file, _ in file.hasStructure ? nil : "there is neither an XCT nor labels" },
    cost: { StageCost(0.1 * $0.million / $0.threads + 0.1, $0.streamed) },
    prepare: { (pipeline, folder) throws(VoxelithError) in
      let settings = try pipeline.orientSettings()
      let labels = pipeline.labelPath(folder)
      let inputs = pipeline.file.inputs
      return try Stage(
        "orient",
        inputs: [inputs.files.xct.map(pipeline.resolve), labels].compactMap { $0 }
          + settings.resolved(pipeline.resolve).files,
        settings: ["orient": settings, "xct": inputs.tomogram, "labels": inputs.labelVolume],
        seeds: ["bootstrap": 1]
      ) { (work, resources) throws(VoxelithError) in
        let pore = pipeline.file.phases.pore
        let pores: PhaseIndicator? =
          try labels.map { (_) throws(VoxelithError) in
            PhaseIndicator(labels: try pipeline.openLabels(folder), phase: pore)
          }
        let source: any VolumeSource
        if let xct = try pipeline.openXCT() {
          source = try PlacedVolume(xct, on: try pipeline.fineGrid())
        } else {
          source = PhaseIndicator(labels: try pipeline.openLabels(folder), phase: pore)
        }
        try settings.resolved(pipeline.resolve).write(
          source, mask: pores, to: work, overwrite: true, resources: resources)
      }
    })
}

extension Pipeline {
  /// The settings with the pores as mask, and a stride that a coarse voxel still holds four of along a side.
  func orientSettings() throws(VoxelithError) -> OrientSettings {
    var settings = file.orient
    let fine = try fineGrid()
    if settings.stride == nil {
      let coarse = try openXCS().grid
      let automatic = coarse.hasKnownSpacing ? Int(0.25 * coarse.spacing.min() / fine.spacing.max()) : 1
      settings.stride = CountsZYX(max(1, automatic))
    }
    if let stride = settings.stride?.shape {
      settings.stride = CountsZYX(
        Shape(
          z: min(stride.z, fine.shape.z), y: min(stride.y, fine.shape.y), x: min(stride.x, fine.shape.x)))
    }
    if plan.hasLabels(file) {
      settings.maskRole = .phase
      settings.maskLabel = file.phases.pore
    }
    return settings
  }
}
