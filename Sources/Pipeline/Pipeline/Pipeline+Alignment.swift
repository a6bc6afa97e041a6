import Compton
import Foundation
import Microstructure
import Readers
import Registration
import Results
import Volumetry

/// The stages that put the XCT on the grid of the spectra.
extension Pipeline {
  func registerStage(_ folder: String) throws(VoxelithError) -> Stage {
    let options = try registrationOptions()
    let given = file.register?.transform.map(resolve)
    let truth = file.inputs.truthTransform.map(resolve)
    let intensity = folder + "/map-plain/intensity.tif"
    let calibration = folder + "/calibrate/calibration.json"
    let moving = file.inputs.xct.map(resolve) ?? labelPath(folder)
    var inputs = [given, truth].compactMap { $0 }
    if given == nil {
      inputs += [intensity, calibration, moving, file.register?.start.map(resolve)].compactMap { $0 }
    }
    return Stage(
      "register", inputs: inputs,
      parameters: [
        "given": "\(given != nil)", "model": options.model.rawValue, "metric": options.metric.rawValue,
        "psf_fwhm_um_xyz": "\(options.spread.fullWidth)", "maximum_angle_deg": "\(options.maximumAngle)",
        "full_turn": "\(options.searchesFullTurn)", "maximum_error_voxels": "\(options.maximumExpectedError)",
        "has_truth": "\(truth != nil)",
      ]
    ) { (work, resources) throws(VoxelithError) in
      let grid = try coarseGrid()
      var document: TransformDocument
      if let given {
        document = try Self.document(given)
      } else {
        let result = try align(
          folder, intensity: intensity, calibration: try CalibrationFile.read(calibration),
          options: options, resources: resources)
        document = result.document
        try FractionFolder.save(
          [try result.errorMap(on: grid).loadFloats()], ["expected error in um"],
          to: work + "/error.tif")
      }
      try OutputFile.write(try document.json(), to: work + "/transform.json", overwrite: true)
      let transform = try document.transform()
      try OutputFile.write(
        ITKTransform.text(transform, center: grid.middle), to: work + "/transform.tfm", overwrite: true)
      if let truth {
        try JSONOutput.write(
          TransformTruth(
            transform, truth: try SpatialTransform.read(path: truth), grid: grid,
            expectedErrorUm: document.expectedErrorUm), to: work + "/truth.json", overwrite: true)
      }
    }
  }

  private static func document(_ path: String) throws(VoxelithError) -> TransformDocument {
    if let data = FileManager.default.contents(atPath: path),
      let document = try? TransformDocument(json: data, file: path)
    {
      return document
    }
    return TransformDocument(try SpatialTransform.read(path: path))
  }

  /// Aligns the XCT (or the active material, where there are labels only) with the intensity of the spectra.
  private func align(
    _ folder: String, intensity path: String, calibration: Calibration, options: RegistrationOptions,
    resources: Resources
  ) throws(VoxelithError) -> RegistrationResult {
    let grid = try coarseGrid()
    let intensity = try PlacedVolume(try VolumeFile.open(path), on: grid)
    let basis = calibration.methods.profile
    let time = try openXCS().acquisition.liveTime ?? 1
    let background = basis.fitRange.reduce(0) { $0 + basis.background.rate[$1] * time }
    var mean = Moments()
    for z in 0..<grid.shape.z {
      for value in try intensity.readFloats(Region(slices: z..<(z + 1), of: grid.shape)) {
        mean.add(Double(value))
      }
    }
    // No density model is better than one part in a hundred.
    let floor = 1e-4 * mean.mean * mean.mean
    let variance = CountVariance(intensity: intensity, background: max(0, background), floor: floor)
    return try VolumeRegistration.align(
      moving: try openMoving(folder), to: intensity, variance: variance, options: options,
      resources: resources)
  }

  /// The transform of the register stage with what its covariance refers to.
  private func alignment(
    _ folder: String
  ) throws(VoxelithError) -> (
    transform: SpatialTransform, uncertainty: (parameters: LocalParameters, covariance: Matrix)?
  ) {
    let document = try Self.document(folder + "/register/transform.json")
    guard let rows = document.covariance, let center = document.covarianceCenterUm, center.count == 3 else {
      return (try document.transform(), nil)
    }
    let parameters = LocalParameters(
      model: document.model, center: SIMD3(center[0], center[1], center[2]))
    guard rows.count == document.model.parameterCount, rows.allSatisfy({ $0.count == rows.count }) else {
      return (try document.transform(), nil)
    }
    return (try document.transform(), (parameters, Matrix(rows)))
  }

  func fractionStage(_ folder: String) throws(VoxelithError) -> Stage {
    let given = file.fractions?.sigma ?? 0
    let coverage = file.fractions?.minimumCoverage ?? 0.98
    let components = try components()
    let active = activeLabel
    let pore = poreLabel
    let truth = file.inputs.truthFractions.map(resolve)
    let hasVariants = plan.has(.segment) && thresholdSigma > 0
    let spread = try pointSpread
    let shift = thresholdSigma
    let inputs =
      [labelPath(folder), folder + "/register/transform.json", truth, hasVariants ? finePath : nil]
      .compactMap { $0 }
    return Stage(
      "fractions", inputs: inputs,
      parameters: [
        "active": "\(active)", "pore": "\(pore)",
        "components": components.map { "\($0.name)=\($0.label)" }.joined(separator: ","),
        "psf_fwhm_um_xyz": "\(spread.fullWidth)", "minimum_coverage": "\(coverage)", "sigma": "\(given)",
        "threshold_sigma": hasVariants ? "\(shift)" : "none", "has_truth": "\(truth != nil)",
        "segment": hasVariants ? "\(try segmentationOptions())" : "none",
      ]
    ) { (work, resources) throws(VoxelithError) in
      let (transform, uncertainty) = try alignment(folder)
      var projection = try FieldProjection(
        onto: try coarseGrid(), through: transform, spread: spread)
      projection.minimumCoverage = coverage
      let phases =
        [PhaseFractions.Phase(name: "active", label: active)]
        + components.map { PhaseFractions.Phase(name: $0.name, label: $0.label) }
      try FractionFolder.write(
        FractionFolder.Request(
          phases: phases, pore: pore, projection: projection, alignment: uncertainty,
          variants: hasVariants ? try thresholdVariants(resources) : [], givenSigma: given,
          truth: try truth.map { (path) throws(VoxelithError) in try FractionFile.open(path) } ?? []),
        labels: try openLabels(folder), to: work, resources: resources)
    }
  }

  /// Labels with each threshold moved by its standard deviation to both sides.
  private func thresholdVariants(
    _ resources: Resources
  ) throws(VoxelithError) -> [(low: any VolumeSource, high: any VolumeSource)] {
    let segmentation = try segmentation(resources)
    let histogram: GreyHistogram
    if let known = segmentation.histogram {
      histogram = known
    } else {
      histogram = try GreyHistogram.gather(segmentation.prepared, mask: nil, resources: resources)
    }
    let thresholds = segmentation.thresholds
    let grid = try fineGrid()
    var variants: [(low: any VolumeSource, high: any VolumeSource)] = []
    for (index, threshold) in thresholds.enumerated() {
      let below = histogram.mean(above: index > 0 ? thresholds[index - 1] : -.infinity, upTo: threshold)
      let above = histogram.mean(
        above: threshold, upTo: index + 1 < thresholds.count ? thresholds[index + 1] : .infinity)
      let step = thresholdSigma * (above - below)
      guard step.isFinite, step > 0 else { continue }
      func view(_ change: Double) throws(VoxelithError) -> any VolumeSource {
        var moved = thresholds
        moved[index] += change
        return try PlacedVolume(
          try ThresholdView(
            segmentation.prepared, thresholds: moved, outsideLabel: segmentation.options.outsideLabel),
          on: grid)
      }
      variants.append((try view(-step), try view(step)))
    }
    return variants
  }

  func fieldStage(_ folder: String) throws(VoxelithError) -> Stage {
    let plan = plan
    let fine = try fineGrid()
    let pore = poreLabel
    let spread = try pointSpread
    let axis = try depthAxis()
    let tensor = try tensorOptions(fine)
    let thickness = plan.has(.pores) && file.pores?.thickness ?? true ? folder + "/pores/thickness.tif" : nil
    let orientation =
      plan.has(.orient) ? [folder + "/orient/orientation.tif", folder + "/orient/anisotropy.tif"] : []
    let labels = labelPath(folder)
    return Stage(
      "fields",
      inputs: [folder + "/register/transform.json"] + orientation + [thickness, labels].compactMap { $0 },
      parameters: [
        "pore": "\(pore)", "psf_fwhm_um_xyz": "\(spread.fullWidth)", "depth_axis": axis.rawValue,
        "orientation": "\(!orientation.isEmpty)", "thickness": "\(thickness != nil)",
      ]
    ) { (work, resources) throws(VoxelithError) in
      let transform = try alignment(folder).transform
      let target = try coarseGrid()
      let projection = try FieldProjection(onto: target, through: transform, spread: spread)
      var writer = FieldFolder.Writer(folder: work)
      if orientation.count == 2 {
        let grid = tensor.outputGrid(for: fine)
        var vectors: [any VolumeSource] = []
        for channel in 0..<3 {
          vectors.append(
            try PlacedVolume(
              try VolumeFile.open(orientation[0], options: VolumeOpenOptions(channel: channel)), on: grid))
        }
        let fields = try projection.orientation(vectors: vectors, resources: resources)
        try writer.add(FieldFolder.poreAngle, fields.polarAngle)
        try writer.add(FieldFolder.poreAlignment, fields.anisotropy)
        let local = try PlacedVolume(try VolumeFile.open(orientation[1]), on: grid)
        try writer.add(
          FieldFolder.anisotropy, try projection.means(of: [local], resources: resources)[0])
      }
      if let thickness {
        let diameters = try PlacedVolume(try VolumeFile.open(thickness), on: fine)
        try writer.add(
          FieldFolder.thickness,
          try projection.means(
            of: [diameters], within: try openLabels(folder), phases: [pore], resources: resources)[0])
      }
      let depth = DepthField(
        grid: target, transform: transform, axis: axis, surface: Self.lowerFace(fine, axis))
      try writer.add(FieldFolder.depth, try depth.loadFloats())
      try writer.finish()
    }
  }

  private static func lowerFace(_ grid: Grid, _ axis: Axis) -> Double {
    switch axis {
    case .x: grid.origin.x
    case .y: grid.origin.y
    case .z: grid.origin.z
    }
  }
}
