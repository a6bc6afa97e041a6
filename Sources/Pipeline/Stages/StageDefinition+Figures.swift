import Compton
import Drawing
import Readers
import Registration
import Results
import Volumetry

extension StageDefinition {
  /// Figures of the map, the fractions and the alignment.
  static let figures = StageDefinition(
    name: "figures", reads: ["calibrate", "map-plain", "register", "fractions", "maps", "map"],
    absence: { _, _ in nil },
    cost: { StageCost(1 + 0.05 * $0.million, 1 << 27) },
    prepare: { (pipeline, folder) throws(VoxelithError) in try pipeline.figureStage(folder) })
}

extension Pipeline {
  fileprivate func figureStage(_ folder: String) throws(VoxelithError) -> Stage {
    let plan = plan
    let calibration = calibrationPath(folder)
    let truth = file.inputs.files.truth.map(resolve)
    let settings = file.figures
    let colors = try settings.colors()
    let axis = settings.axis
    let fractions = fractionPath(folder)
    let fractionErrors = plan.has("fractions") ? folder + "/fractions/fraction_sigma.tif" : nil
    let hasPlain = plan.has("map-plain")
    let hasAlignment = plan.has("register") && hasPlain
    let spread = try file.register.spread()
    var inputs = [folder + "/map/li.tif", folder + "/map/li_sigma.tif", calibration]
    var keyed: [String: any Encodable] = [
      "figures": settings, "plain": hasPlain, "alignment": hasAlignment, "fractions": fractions != nil,
      "has_truth": truth != nil, "coarse_grid": GridSettings(try openXCS().grid),
    ]
    if hasPlain {
      inputs += ["li.tif", "li_sigma.tif", "intensity.tif"].map { folder + "/map-plain/" + $0 }
    }
    if hasAlignment {
      inputs.append(folder + "/register/transform.json")
      inputs += [file.inputs.files.xct.map(resolve) ?? labelPath(folder)].compactMap { $0 }
      keyed["psf_fwhm_um"] = file.register.pointSpread
      keyed["xct"] = file.inputs.tomogram
      keyed["labels"] = file.inputs.labelVolume
      if file.inputs.files.xct == nil { keyed["active"] = file.phases.active }
    }
    if plan.has("maps") {
      inputs += mapFiles(folder)
      keyed["maps"] = file.maps.map(\.map.name)
    }
    inputs += [fractions, fractionErrors, truth].compactMap { $0 }
    return try Stage("figures", inputs: inputs, settings: keyed) { (work, resources) throws(VoxelithError) in
      let loaded = try CalibrationFile.read(calibration)
      try MapFigures.write(
        map: folder + "/map", calibration: loaded, truth: truth, axis: axis, colorMap: settings.colorMap,
        to: work)
      if hasPlain, fractions != nil {
        try AlignmentFigures.before(
          plain: try openCoarse(folder + "/map-plain/li.tif"),
          corrected: try openCoarse(folder + "/map/li.tif"),
          truth: try truth.map { (path) throws(VoxelithError) in try openCoarse(path) },
          sigmas: [
            try openCoarse(folder + "/map-plain/li_sigma.tif"), try openCoarse(folder + "/map/li_sigma.tif"),
          ], axis: axis, colors: colors,
          range: loaded.range[0]...loaded.range[1]
        ).write(to: work + "/fractions_and_lithium.png")
      }
      if let fractions {
        let names = ["active"] + loaded.methods.profile.components.map(\.name)
        try AlignmentFigures.fractions(
          try FractionFile.open(fractions),
          sigmas: try fractionErrors.map { (path) throws(VoxelithError) in try FractionFile.open(path) }
            ?? [],
          names: names, axis: axis, colors: colors
        ).write(to: work + "/fractions.png")
      }
      if plan.has("maps") {
        let all = try placedMaps(folder)
        try MapFigures.beside(
          lithium: try openCoarse(folder + "/map/li.tif"),
          sigma: try openCoarse(folder + "/map/li_sigma.tif"),
          range: loaded.range[0]...loaded.range[1], colors: colors,
          maps: try all.map { (map) throws(VoxelithError) in
            MapFigures.Other(
              name: map.name, unit: map.unit, value: try openCoarse(folder + "/maps/" + map.file),
              sigma: map.sigma == nil ? nil : try openCoarse(folder + "/maps/" + map.sigmaFile))
          }, axis: axis
        ).write(to: work + "/maps.png")
      }
      if hasAlignment {
        let fine = try openMoving(folder)
        try AlignmentFigures.alignment(
          intensity: try openCoarse(folder + "/map-plain/intensity.tif"), xct: fine,
          through: try SpatialTransform.read(path: folder + "/register/transform.json"), spread: spread,
          axis: axis, resources: resources
        ).write(to: work + "/alignment.png")
      }
    }
  }
}
