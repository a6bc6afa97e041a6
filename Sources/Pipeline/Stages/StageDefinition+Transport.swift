import Foundation
import Readers
import Results
import Transport
import Volumetry

extension StageDefinition {
  /// Diffusion through the pores; only where the section is there.
  static let transport = StageDefinition(
    name: "transport", reads: ["segment"],
    absence: { file, plan in
      if file.transport == nil { return "not requested; add 'transport: {}' to run it" }
      return plan.hasLabels(file) ? nil : "there are no labels"
    },
    cost: { costs in
      StageCost(
        0.7 * Double(costs.transportAxes) * costs.million / costs.threads, 1 << 22,
        holding: TransportMemory.estimate(shape: costs.fine, conducting: costs.fine.count),
        beyond: costs.memory)
    },
    prepare: { (pipeline, folder) throws(VoxelithError) in
      let settings = try pipeline.transportSettings()
      let labels = pipeline.labelPath(folder)
      return try Stage(
        "transport", inputs: [labels].compactMap { $0 },
        settings: [
          "transport": settings, "labels": pipeline.file.inputs.labelVolume,
          "fine_grid": GridSettings(try pipeline.fineGrid()),
        ]
      ) { (work, resources) throws(VoxelithError) in
        let report = try settings.solve(
          try pipeline.openLabels(folder), file: labels ?? "", resources: resources)
        try JSONOutput.write(report, to: work + "/transport.json", overwrite: true)
      }
    })
}

extension Pipeline {
  /// The settings with the pores as what conducts, where nothing else is said.
  func transportSettings() throws(VoxelithError) -> TransportSettings {
    var settings = file.transport ?? TransportSettings()
    if settings.phase == nil, settings.conductivity == nil {
      guard let pore = UInt32(exactly: file.phases.pore) else {
        throw bad("phases.pore", "\(file.phases.pore) is not a label", "labels run from 0 to 4294967294")
      }
      settings.phase = LabelSet([pore])
    }
    return settings
  }
}
