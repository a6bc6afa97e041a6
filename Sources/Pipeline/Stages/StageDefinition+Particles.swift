import Results
import Volumetry

extension StageDefinition {
  /// Particles of the active material and their contacts; only where the section is there.
  static let particles = StageDefinition(
    name: "particles", reads: ["segment"],
    absence: { file, plan in
      if file.particles == nil { return "not requested; add 'particles: {}' to run it" }
      return plan.hasLabels(file) ? nil : "there are no labels"
    },
    // The whole phase is held in memory.
    cost: { StageCost(1.2 * $0.million, 29 * $0.fine.count) },
    prepare: { (pipeline, folder) throws(VoxelithError) in
      let settings = try pipeline.particlesSettings()
      return try Stage(
        "particles", inputs: [pipeline.labelPath(folder)].compactMap { $0 },
        settings: [
          "particles": settings, "labels": pipeline.file.inputs.labelVolume,
          "fine_grid": GridSettings(try pipeline.fineGrid()),
        ]
      ) { (work, resources) throws(VoxelithError) in
        try settings.write(
          try pipeline.openLabels(folder), file: pipeline.labelPath(folder) ?? "", to: work, overwrite: true,
          resources: resources)
      }
    })
}

extension Pipeline {
  /// The settings with the active material as what is parted.
  fileprivate func particlesSettings() throws(VoxelithError) -> ParticlesSettings {
    var settings = file.particles ?? ParticlesSettings()
    if !settings.numbered, settings.phase == nil {
      settings.phase = try label("active", file.phases.active)
    }
    settings.outside = settings.outside ?? file.phases.outside
    return settings
  }

  /// - Throws: `data` where a phase of the pipeline is no label.
  func label(_ name: String, _ value: Int) throws(VoxelithError) -> UInt32 {
    guard let label = UInt32(exactly: value), label != .max else {
      throw bad("phases.\(name)", "\(value) is not a label", "labels run from 0 to 4294967294")
    }
    return label
  }
}
