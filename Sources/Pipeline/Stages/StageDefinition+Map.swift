import Compton
import Readers
import Registration
import Results
import Volumetry

extension StageDefinition {
  /// The map as if the active material were alone: its intensity is what the XCT is aligned with, and its lithium
  /// shows what the fractions are good for.
  static let mapPlain = StageDefinition(
    name: "map-plain", reads: ["calibrate"],
    absence: { file, _ in
      file.hasStructure || file.inputs.files.fractions != nil ? nil : "there are no fractions to compare with"
    },
    cost: { StageCost($0.mapSeconds, $0.mapBytes) },
    prepare: { (pipeline, folder) throws(VoxelithError) in
      try pipeline.mapStage(folder, corrected: false)
    })

  /// The map with everything that is known of the voxels.
  static let map = StageDefinition(
    name: "map", reads: ["calibrate", "register", "fractions"], absence: { _, _ in nil },
    cost: { costs in
      StageCost(
        costs.mapSeconds + (costs.mapHolds > 0 ? 3e-4 * Double(costs.coarse) / costs.threads : 0),
        costs.mapBytes, holding: costs.mapHolds * costs.coarse, beyond: costs.memory / 2)
    },
    prepare: { (pipeline, folder) throws(VoxelithError) in
      try pipeline.mapStage(folder, corrected: true)
    })

  static func map(corrected: Bool) -> StageDefinition { corrected ? map : mapPlain }
}

extension Pipeline {
  /// Path of the fractions that the map is made with; nil where there are none.
  func fractionPath(_ folder: String) -> String? {
    if let given = file.inputs.files.fractions { return resolve(given) }
    return plan.has("fractions") ? folder + "/fractions/fractions.tif" : nil
  }

  private func fractionReport(_ folder: String, corrected: Bool) -> String? {
    corrected && plan.has("fractions") ? folder + "/fractions/fractions.json" : nil
  }

  /// Where the registration leaves the way from spectra to labels, if absorption needs it.
  private func transformPath(_ folder: String, corrected: Bool) -> String? {
    corrected && file.map.absorption != nil && plan.has("register")
      ? folder + "/register/transform.json" : nil
  }

  /// The settings of a map as they are known before any stage has run: for the key. Files carry the names that the YAML gives them.
  func mapSettings(corrected: Bool) -> MapSettings {
    var settings = file.map
    settings.restIsEmpty =
      file.fractions.restIsEmpty ?? !file.phases.components.values.contains(file.phases.pore)
    if corrected {
      settings.fractions = file.inputs.files.fractions ?? (plan.has("fractions") ? "of the stage" : nil)
      settings.fractionSigma = settings.fractions == nil ? 0 : file.fractions.sigma
      return settings
    }
    // Without fractions the active material is taken to be alone.
    settings.components = .known
    settings.restIsEmpty = false
    settings.absorption = nil
    (settings.binToSigma, settings.binToCounts, settings.largestBin) = (nil, nil, nil)
    (settings.denoise, settings.guide, settings.guideScale) = (nil, nil, nil)
    return settings
  }

  /// The settings of a map with the results of the stages before it.
  func readyMapSettings(_ folder: String, corrected: Bool) throws(VoxelithError) -> MapSettings {
    var settings = mapSettings(corrected: corrected)
    settings.guide = settings.guide.map(resolve)
    settings.shape = settings.shape.map(resolve)
    settings.absorption = settings.absorption.map(resolve)
    guard corrected else { return settings }
    settings.fractions = fractionPath(folder)
    if let path = fractionReport(folder, corrected: true) {
      settings.fractionSigma = try ResultFile.read(FractionReport.self, path).mapSigma
    }
    return settings
  }

  /// The map with everything that is known of the voxels, or as if the active material were alone in them.
  ///
  /// - Parameter write: puts the map into a folder in another way than by making it; its files must be the same.
  func mapStage(
    _ folder: String, corrected: Bool,
    write: (@Sendable (String, Resources) throws(VoxelithError) -> Void)? = nil
  ) throws(VoxelithError) -> Stage {
    let calibrationPath = calibrationPath(folder)
    let settings = mapSettings(corrected: corrected)
    let truth = file.inputs.files.truth.map(resolve)
    let fractions = corrected ? fractionPath(folder) : nil
    var inputs = spectraPaths + [calibrationPath] + spectralInput.files
    inputs += [
      fractions, fractionReport(folder, corrected: corrected), truth,
      transformPath(folder, corrected: corrected),
      settings.guide.map(resolve), settings.shape.map(resolve),
    ].compactMap { $0 }
    if let absorption = settings.absorption { inputs += try AbsorptionFile.inputs(resolve(absorption)) }
    return try Stage(
      StageDefinition.map(corrected: corrected).name, inputs: inputs,
      settings: ["map": settings, "spectra": file.inputs.spectra, "has_truth": truth != nil]
    ) { (work, resources) throws(VoxelithError) in
      if let write {
        try write(work, resources)
        let calibration = try CalibrationFile.read(calibrationPath)
        try MapReport.addQuantiles(
          in: work,
          exposures: try ExposureReport(
            try spectralInput.open(spectraPaths, angle: calibration.scatteringAngle),
            calibration: calibration, resources: resources))
      } else {
        try readyMapSettings(folder, corrected: corrected).write(
          try lithiumMap(folder, corrected: corrected, watches: true, resources: resources),
          calibration: try CalibrationFile.read(calibrationPath), to: work, overwrite: true,
          resources: resources)
      }
      if corrected { try addFractionErrors(toMapIn: work, of: folder, resources: resources) }
      try settings.addFormat(in: work, grid: try openXCS().grid, overwrite: true)
      if let truth {
        let comparison = try TruthComparison(
          map: try VolumeFile.open(work + "/li.tif"), sigma: try VolumeFile.open(work + "/li_sigma.tif"),
          truth: try VolumeFile.open(truth))
        try JSONOutput.write(comparison, to: work + "/truth.json", overwrite: true)
      }
    }
  }

  /// The map as it is ready to be made, with the results of the stages before it.
  ///
  /// - Parameter pulls: whether the fits tell what errors of the fractions do.
  func lithiumMap(
    _ folder: String, corrected: Bool, pulls: Bool = false, watches: Bool = false,
    components: ComponentModel? = nil, resources: Resources
  ) throws(VoxelithError) -> LithiumMap {
    let calibration = try CalibrationFile.read(calibrationPath(folder))
    let transform = try transformPath(folder, corrected: corrected).map { (path) throws(VoxelithError) in
      try SpatialTransform.read(path: path).matrix
    }
    return try readyMapSettings(folder, corrected: corrected).map(
      try spectralInput.open(spectraPaths, angle: calibration.scatteringAngle),
      input: spectralInput, calibration: calibration, transform: transform, watches: watches,
      resources: resources
    ) { options in
      if pulls { options.wantsFractionPulls = true }
      if let components { options.components = components }
    }
  }
}
