import Compton
import Foundation
import Readers
import Registration
import Results
import Volumetry

extension StageDefinition {
  /// The XCT aligned with the intensity of the spectra, or a transform from elsewhere.
  static let register = StageDefinition(
    name: "register", reads: ["calibrate", "segment", "map-plain"],
    absence: { file, plan in
      if !file.hasStructure { return "there is neither an XCT nor labels" }
      return plan.has("map-plain") || file.given.transform != nil ? nil : "it needs map-plain"
    },
    cost: { StageCost(0.03 * $0.million + 1 + 4e-4 * Double($0.coarse), min($0.memory, 1 << 28)) },
    prepare: { (pipeline, folder) throws(VoxelithError) in try pipeline.registerStage(folder) })
}

extension Pipeline {
  fileprivate func registerStage(_ folder: String) throws(VoxelithError) -> Stage {
    let settings = file.register
    let given = file.given.transform.map(resolve)
    let truth = file.inputs.files.truthTransform.map(resolve)
    let intensity = folder + "/map-plain/intensity.tif"
    let calibration = calibrationPath(folder)
    let moving = file.inputs.files.xct.map(resolve) ?? labelPath(folder)
    var inputs = [given, truth].compactMap { $0 }
    var keyed: [String: any Encodable] = [
      "given": given != nil, "has_truth": truth != nil, "coarse_grid": GridSettings(try coarseGrid()),
    ]
    if given == nil {
      inputs += [intensity, calibration, moving, settings.start.map(resolve)].compactMap { $0 }
      keyed["register"] = settings
      keyed["xct"] = file.inputs.tomogram
      keyed["labels"] = file.inputs.labelVolume
      keyed["live_time_s"] = try openXCS().acquisition.liveTime
      if file.inputs.files.xct == nil { keyed["active"] = file.phases.active }
    }
    return try Stage("register", inputs: inputs, settings: keyed) { (work, resources) throws(VoxelithError) in
      let grid = try coarseGrid()
      var document: TransformDocument
      // A transform from elsewhere says nothing of the volumes.
      var volumes: [(role: String, grid: Grid)] = []
      if let given {
        document = try Self.document(given)
      } else {
        let fixed = try PlacedVolume(try VolumeFile.open(intensity), on: grid)
        let moving = try openMoving(folder)
        volumes = [
          ("fixed \(PathName.last(of: intensity))", grid),
          ("moving \(PathName.last(of: moving.name))", moving.grid),
        ]
        let result = try VolumeRegistration.align(
          moving: moving, to: fixed,
          variance: try CountVariance(
            intensity: fixed, calibration: try CalibrationFile.read(calibration),
            liveTime: try openXCS().acquisition.liveTime),
          options: try settings.resolved(resolve).options(), resources: resources)
        document = result.document
        try FractionFolder.save(
          [try result.errorMap(on: grid).loadFloats()], [], to: work + "/error.tif")
      }
      try OutputFile.write(try document.json(), to: work + "/transform.json", overwrite: true)
      let transform = try document.transform()
      try OutputFile.write(
        ITKTransform.text(
          transform, center: grid.middle, volumes: volumes),
        to: work + "/transform.tfm", overwrite: true)
      if let truth {
        try JSONOutput.write(
          TransformTruth(
            transform, truth: try SpatialTransform.read(path: truth), grid: grid,
            expectedErrorUm: document.expectedErrorUm), to: work + "/truth.json", overwrite: true)
      }
    }
  }

  static func document(_ path: String) throws(VoxelithError) -> TransformDocument {
    if let data = FileManager.default.contents(atPath: path),
      let document = try? TransformDocument(json: data, file: path)
    {
      return document
    }
    return TransformDocument(try SpatialTransform.read(path: path))
  }

  /// The transform of the register stage with what its covariance refers to.
  func alignment(
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
}
