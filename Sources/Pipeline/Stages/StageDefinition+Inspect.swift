import Readers
import Results
import Volumetry

extension StageDefinition {
  /// What the inputs are.
  static let inspect = StageDefinition(
    name: "inspect", reads: [], absence: { _, _ in nil },
    cost: { StageCost(0.01 * $0.million + 2e-6 * Double($0.coarse), $0.streamed) },
    prepare: { (pipeline, _) throws(VoxelithError) in
      let inputs = pipeline.file.inputs
      let files = inputs.files
      // Each with how it is opened.
      let asked: [(path: String, volume: VolumeInputSettings)] =
        [
          (files.xct, inputs.tomogram), (files.labels, inputs.labelVolume),
          (files.fractions, VolumeInputSettings()),
        ]
        .compactMap { (name, settings) in name.map { (pipeline.resolve($0), settings) } }
      let xcs = pipeline.spectraPaths
      let spectra = pipeline.spectralInput
      return try Stage(
        "inspect", inputs: xcs + spectra.files + asked.map(\.path),
        settings: ["spectra": inputs.spectra, "xct": inputs.tomogram, "labels": inputs.labelVolume]
      ) { (work, resources) throws(VoxelithError) in
        var volume = VolumeOpenOptions()
        volume.dataset = spectra.dataset
        volume.voxelSize = spectra.voxelSize?.vector
        var reports = try xcs.map { (path) throws(VoxelithError) in
          try InspectReport(
            path, options: volume, spectra: try spectra.options(), readsVoxels: true, resources: resources)
        }
        for (path, settings) in asked {
          reports.append(
            try InspectReport(path, options: try settings.options(), readsVoxels: true, resources: resources))
        }
        try JSONOutput.write(reports, to: work + "/inspect.json", overwrite: true)
      }
    })
}
