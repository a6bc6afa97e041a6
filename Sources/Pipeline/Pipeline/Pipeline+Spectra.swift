import Compton
import Readers
import Registration
import Results
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
    let window = file.map?.fitWindow
    return Stage(
      "calibrate", inputs: try StandardsFile.inputs(standards),
      parameters: ["fit_window_au": window.map { "\($0[0]),\($0[1])" } ?? "chosen"]
    ) { (work, _) throws(VoxelithError) in
      let calibration = try StandardsFile.calibration(
        standards, options: CalibrationOptions(fitWindow: window.map { $0[0]...$0[1] }))
      try CalibrationFile.write(calibration, to: work + "/calibration.json", overwrite: true)
    }
  }

  /// Path of the fractions that the map is made with; nil where there are none.
  func fractionPath(_ folder: String) -> String? {
    if let given = file.inputs.fractions { return resolve(given) }
    return plan.has(.fractions) ? folder + "/fractions/fractions.tif" : nil
  }

  /// The map with everything that is known of the voxels, or as if the active material were alone in them.
  ///
  /// - Parameter write: puts the map into a folder in another way than by making it; its files must be the same.
  func mapStage(
    _ folder: String, corrected: Bool,
    write: (@Sendable (String, Resources) throws(VoxelithError) -> Void)? = nil
  ) throws(VoxelithError) -> Stage {
    let calibrationPath = calibrationPath(folder)
    let xcs = resolve(file.inputs.xcs)
    let fractions = corrected ? fractionPath(folder) : nil
    let fractionReport = fractionReport(folder, corrected: corrected)
    let options = try mapOptions(corrected: corrected)
    let absorption = corrected ? file.map?.absorption.map(resolve) : nil
    let transform = transformPath(folder, corrected: corrected)
    let truth = file.inputs.truth.map(resolve)
    var parameters = [
      "method": method.rawValue, "minimum_counts": "\(options.minimumCounts)",
      "range_sigmas": "\(options.rangeSigmas)", "components": options.components.rawValue,
      "rest_is_empty": "\(options.restIsEmpty)", "absorption": "\(absorption != nil)",
      "transform": "\(transform != nil)", "fractions": fractions == nil ? "none" : "given",
      "fraction_sigma": fractionReport == nil
        ? "\(fractions == nil ? 0 : file.fractions?.sigma ?? 0)" : "of the fractions",
      "has_truth": "\(truth != nil)",
    ]
    let request = corrected ? try denoisingRequest() : .none
    for (key, value) in request.parameters { parameters[key] = value }
    parameters["live_time_s"] = file.inputs.liveTime.map { "\($0)" }
    let name = corrected ? StageName.map : .mapPlain
    return Stage(
      name.rawValue,
      inputs: [xcs, calibrationPath]
        + [fractions, fractionReport, truth, transform, request.guide].compactMap { $0 }
        + (try absorption.map { (path) throws(VoxelithError) in try AbsorptionFile.inputs(path) } ?? []),
      parameters: parameters
    ) { (work, resources) throws(VoxelithError) in
      if let write {
        try write(work, resources)
      } else {
        try MapFolder.write(
          try lithiumMap(folder, corrected: corrected, resources: resources), method: options.method,
          calibration: try CalibrationFile.read(calibrationPath), to: work, overwrite: true,
          denoising: try request.denoising(fractions: fractions), resources: resources)
      }
      if let truth {
        let comparison = try TruthComparison(
          map: try VolumeFile.open(work + "/li.tif"), sigma: try VolumeFile.open(work + "/li_sigma.tif"),
          truth: try VolumeFile.open(truth))
        try JSONOutput.write(comparison, to: work + "/truth.json", overwrite: true)
      }
    }
  }

  func calibrationPath(_ folder: String) -> String { folder + "/calibrate/calibration.json" }

  private func fractionReport(_ folder: String, corrected: Bool) -> String? {
    corrected && plan.has(.fractions) ? folder + "/fractions/fractions.json" : nil
  }

  /// Where the registration leaves the way from spectra to labels, if absorption needs it.
  private func transformPath(_ folder: String, corrected: Bool) -> String? {
    corrected && file.map?.absorption != nil && plan.has(.register)
      ? folder + "/register/transform.json" : nil
  }

  private func mapOptions(corrected: Bool) throws(VoxelithError) -> MapOptions {
    var options = try mapOptions()
    // Without fractions the active material is taken to be alone.
    if !corrected {
      options.components = .known
      options.restIsEmpty = false
    }
    return options
  }

  /// The map as it is ready to be made, with the results of the stages before it.
  func lithiumMap(
    _ folder: String, corrected: Bool, resources: Resources
  ) throws(VoxelithError) -> LithiumMap {
    let fractions = corrected ? fractionPath(folder) : nil
    var settings = try mapOptions(corrected: corrected)
    if corrected { settings.wantsInformation = try denoisingRequest().isWanted }
    if fractions != nil {
      settings.fractionSigma =
        try fractionReport(folder, corrected: corrected).map { (path) throws(VoxelithError) in
          try ResultFile.read(FractionReport.self, path).mapSigma
        } ?? file.fractions?.sigma ?? 0
    }
    let source = try SpectralFile.open(resolve(file.inputs.xcs), options: spectralOptions)
    var absorption: Absorption?
    if corrected, let path = file.map?.absorption.map(resolve) {
      absorption = try AbsorptionFile.load(
        path, grid: source.grid,
        transform: try transformPath(folder, corrected: true).map { (path) throws(VoxelithError) in
          try SpatialTransform.read(path: path).matrix
        })
    }
    return try LithiumMap(
      source: source, calibration: try CalibrationFile.read(calibrationPath(folder)), options: settings,
      fractions: try fractions.map { (path) throws(VoxelithError) in try FractionFile.open(path) } ?? [],
      absorption: absorption, resources: resources)
  }
}
