import Compton
import Readers
import Registration
import Volumetry

/// The stages that read spectra.
extension Pipeline {
  func inspectStage() throws(VoxelithError) -> Stage {
    let inputs = [file.inputs.xcs, file.inputs.xct, file.inputs.labels, file.inputs.fractions]
      .compactMap { $0 }.map(resolve)
    var options = VolumeOpenOptions()
    options.voxelSize = file.inputs.xctVoxelSize?.vector
    options.dataset = file.inputs.xctDataset
    let fine = options
    var coarse = VolumeOpenOptions()
    coarse.voxelSize = file.inputs.xcsVoxelSize?.vector
    coarse.dataset = file.inputs.xcsDataset
    let spectra = coarse
    return Stage("inspect", inputs: inputs) { (work, resources) throws(VoxelithError) in
      var reports: [InspectReport] = []
      for (index, path) in inputs.enumerated() {
        reports.append(
          try InspectReport(
            path, options: index == 0 ? spectra : fine, readsVoxels: true, resources: resources))
      }
      try JSONOutput.write(reports, to: work + "/inspect.json", overwrite: true)
    }
  }

  func calibrateStage() throws(VoxelithError) -> Stage {
    let standards = resolve(file.inputs.standards)
    let window = file.map?.fitWindow ?? [-10, 10]
    return Stage(
      "calibrate", inputs: try StandardsFile.inputs(standards),
      parameters: ["fit_window_au": "\(window[0]),\(window[1])"]
    ) { (work, _) throws(VoxelithError) in
      let calibration = try Calibration(
        try StandardsFile.load(standards), options: CalibrationOptions(fitWindow: window[0]...window[1]))
      try CalibrationFile.write(calibration, to: work + "/calibration.json", overwrite: true)
    }
  }

  /// Path of the fractions that the map is made with; nil where there are none.
  func fractionPath(_ folder: String) -> String? {
    if let given = file.inputs.fractions { return resolve(given) }
    return plan.has(.fractions) ? folder + "/fractions/fractions.tif" : nil
  }

  /// The map with everything that is known of the voxels, or as if the active material were alone in them.
  func mapStage(_ folder: String, corrected: Bool) throws(VoxelithError) -> Stage {
    let calibrationPath = folder + "/calibrate/calibration.json"
    let xcs = resolve(file.inputs.xcs)
    let fractions = corrected ? fractionPath(folder) : nil
    let fractionReport = corrected && plan.has(.fractions) ? folder + "/fractions/fractions.json" : nil
    let givenSigma = file.fractions?.sigma ?? 0
    let given = try mapOptions()
    var options = given
    // Without fractions the active material is taken to be alone.
    if !corrected { options.components = .known }
    let chosen = options
    let absorption = corrected ? file.map?.absorption.map(resolve) : nil
    let transform = absorption != nil && plan.has(.register) ? folder + "/register/transform.json" : nil
    let spectral = spectralOptions
    let truth = file.inputs.truth.map(resolve)
    var parameters = [
      "method": method.rawValue, "minimum_counts": "\(chosen.minimumCounts)",
      "range_sigmas": "\(chosen.rangeSigmas)", "components": chosen.components.rawValue,
      "rest_is_empty": "\(chosen.restIsEmpty)", "absorption": "\(absorption != nil)",
      "transform": "\(transform != nil)", "fractions": fractions == nil ? "none" : "given",
      "fraction_sigma": fractionReport == nil ? "\(givenSigma)" : "of the fractions",
      "has_truth": "\(truth != nil)",
    ]
    parameters["live_time_s"] = file.inputs.liveTime.map { "\($0)" }
    let name = corrected ? StageName.map : .mapPlain
    return Stage(
      name.rawValue,
      inputs: [xcs, calibrationPath] + [fractions, fractionReport, truth, transform].compactMap { $0 }
        + (try absorption.map { (path) throws(VoxelithError) in try AbsorptionFile.inputs(path) } ?? []),
      parameters: parameters
    ) { (work, resources) throws(VoxelithError) in
      let calibration = try CalibrationFile.read(calibrationPath)
      var settings = chosen
      if fractions != nil {
        settings.fractionSigma =
          try fractionReport.map { (path) throws(VoxelithError) in
            try ResultFile.read(FractionReport.self, path).mapSigma
          } ?? givenSigma
      }
      let source = try SpectralFile.open(xcs, options: spectral)
      let map = try LithiumMap(
        source: source, calibration: calibration, options: settings,
        fractions: try fractions.map { (path) throws(VoxelithError) in try FractionFile.open(path) } ?? [],
        absorption: try absorption.map { (path) throws(VoxelithError) in
          try AbsorptionFile.load(
            path, grid: source.grid,
            transform: try transform.map { (path) throws(VoxelithError) in
              try SpatialTransform.read(path: path).matrix
            })
        }, resources: resources)
      try MapFolder.write(
        map, method: settings.method, calibration: calibration, to: work, overwrite: true,
        resources: resources)
      if let truth {
        let comparison = try TruthComparison(
          map: try VolumeFile.open(work + "/li.tif"), sigma: try VolumeFile.open(work + "/li_sigma.tif"),
          truth: try VolumeFile.open(truth))
        try JSONOutput.write(comparison, to: work + "/truth.json", overwrite: true)
      }
    }
  }
}
