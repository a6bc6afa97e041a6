import Readers
import Results
import Volumetry

extension StageDefinition {
  /// Contact areas, lines between three phases and topology; only where the section is there.
  static let interfaces = StageDefinition(
    name: "interfaces", reads: ["segment"],
    absence: { file, plan in
      if file.interfaces == nil { return "not requested; add 'interfaces: {}' to run it" }
      return plan.hasLabels(file) ? nil : "there are no labels"
    },
    cost: { StageCost($0.million / $0.threads, $0.streamed) },
    prepare: { (pipeline, folder) throws(VoxelithError) in
      var settings = pipeline.file.interfaces ?? InterfacesSettings()
      settings.outside = settings.outside ?? pipeline.file.phases.outside
      let (asked, labels) = (settings, pipeline.labelPath(folder))
      return try Stage(
        "interfaces", inputs: [labels].compactMap { $0 },
        settings: [
          "interfaces": asked, "labels": pipeline.file.inputs.labelVolume,
          "fine_grid": GridSettings(try pipeline.fineGrid()),
        ]
      ) { (work, resources) throws(VoxelithError) in
        let report = try asked.measure(
          try pipeline.openLabels(folder), file: labels ?? "", resources: resources)
        try JSONOutput.write(report, to: work + "/interfaces.json", overwrite: true)
      }
    })
}
