import Compton
import Readers
import Results
import Volumetry

extension StageDefinition {
  /// A map with a calibration for each label; only where the section is there.
  static let materials = StageDefinition(
    name: "materials", reads: [],
    absence: { file, _ in
      file.materials == nil ? "not requested; add 'materials', with labels and standards, to run it" : nil
    },
    cost: { StageCost($0.mapSeconds, $0.mapBytes) },
    prepare: { (pipeline, _) throws(VoxelithError) in try pipeline.materialsStage() })
}

extension Pipeline {
  fileprivate func materialsStage() throws(VoxelithError) -> Stage {
    let own = file.materials ?? MaterialsSettings()
    let settings = mapSettings(corrected: false)
    let calibrate = file.calibrate
    let labels = resolve(own.labels ?? "")
    var inputs = spectraPaths + [labels] + spectralInput.files
    inputs += [settings.shape.map(resolve)].compactMap { $0 }
    for (_, standards) in own.materials { inputs += try StandardsFile.inputs(resolve(standards)) }
    return try Stage(
      "materials", inputs: inputs,
      settings: [
        "materials": own, "calibrate": calibrate, "map": settings, "spectra": file.inputs.spectra,
      ]
    ) { (work, resources) throws(VoxelithError) in
      var ready = settings
      ready.shape = ready.shape.map(resolve)
      var materials: [MaterialMaps.Material] = []
      for (label, standards) in own.materials {
        let name = "material-\(label)"
        materials.append(
          MaterialMaps.Material(
            label: label, name: name,
            calibration: try calibrate.write(
              resolve(standards), to: work + "/\(name).json", overwrite: true)))
      }
      _ = try MaterialMaps.write(
        materials, labels: try VolumeFile.open(labels), to: work, method: ready.method, copies: ready.copies,
        overwrite: true, resources: resources
      ) { (material, selection) throws(VoxelithError) in
        try ready.map(
          try spectralInput.open(spectraPaths, angle: material.calibration.scatteringAngle),
          input: spectralInput, calibration: material.calibration, selection: selection, watches: true,
          resources: resources)
      }
    }
  }
}
