import Compton
import Foundation
import Readers
public import Volumetry

/// A pipeline that is ready to run: its file, the folder that paths are relative to, and its stages.
public struct Pipeline: Sendable {
  public let file: PipelineFile
  private let path: String
  private let base: String
  let method: MapMethod

  /// Reads and checks a pipeline: keys, methods, and that every input is there.
  ///
  /// - Throws: `missing` where a file is not there, `data` where a value makes no sense.
  public init(_ path: String) throws(VoxelithError) {
    self.path = path
    base = (path as NSString).deletingLastPathComponent
    file = try PipelineFile.read(path)
    let name = file.map?.method ?? MapMethod.profile.rawValue
    guard let method = MapMethod(rawValue: name) else {
      throw VoxelithError(
        .data, "the method '\(name)' is not known", file: path, place: "map.method",
        advice: "known: " + MapMethod.allCases.map(\.rawValue).joined(separator: ", "))
    }
    self.method = method
    for (key, name) in [
      ("xcs", file.inputs.xcs), ("standards", file.inputs.standards), ("xct", file.inputs.xct),
      ("labels", file.inputs.labels), ("truth", file.inputs.truth),
    ] {
      guard let name, !FileManager.default.fileExists(atPath: resolve(name)) else { continue }
      throw VoxelithError(
        .missing, "the input '\(key)' is not there: \(resolve(name))", file: path,
        advice: "paths are relative to the folder of the YAML file")
    }
    if let window = file.map?.fitWindow, window.count != 2 || !(window[0] < window[1]) {
      throw VoxelithError(.data, "fit_window_au needs two increasing numbers", file: path, place: "map")
    }
  }

  /// Path of an input as the process sees it.
  func resolve(_ name: String) -> String {
    name.hasPrefix("/") || base.isEmpty ? name : base + "/" + name
  }

  var spectralOptions: SpectralOpenOptions {
    var options = SpectralOpenOptions()
    options.voxelSize = Self.spacing(file.inputs.xcsVoxelSize)
    options.acquisition = Acquisition(liveTime: file.inputs.liveTime)
    return options
  }

  static func spacing(_ sizes: [Double]?) -> SIMD3<Double>? {
    guard let sizes, sizes.count == 3 else { return nil }
    return SIMD3(sizes[2], sizes[1], sizes[0])
  }

  /// Names of the stages in their order.
  public var stageNames: [String] { ["calibrate", "map", "figures"] }

  /// Runs the stages into folders of `folder`.
  ///
  /// - Parameters:
  ///   - only: one stage; those before it must be done.
  /// - Throws: `usage` for an unknown stage; what a stage throws.
  public func run(
    into folder: String, only: String? = nil, resume: Bool = false, overwrite: Bool = false,
    command: [String],
    resources: Resources
  ) throws(VoxelithError) -> [StageOutcome] {
    if let only, !stageNames.contains(only) {
      throw VoxelithError(
        .usage, "there is no stage '\(only)'", advice: "stages: " + stageNames.joined(separator: ", "))
    }
    try OutputFile.prepareFolder(folder)
    let runner = StageRunner(
      folder: folder, resume: resume, overwrite: overwrite, command: command, resources: resources)
    var outcomes: [StageOutcome] = []
    for name in stageNames where only == nil || only == name {
      outcomes.append(try runner.run(try stage(name, in: folder)))
    }
    return outcomes
  }

  private func stage(_ name: String, in folder: String) throws(VoxelithError) -> Stage {
    switch name {
    case "calibrate": try calibrateStage()
    case "map": try mapStage(folder)
    default: try figureStage(folder)
    }
  }

  private func calibrateStage() throws(VoxelithError) -> Stage {
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

  private func mapStage(_ folder: String) throws(VoxelithError) -> Stage {
    let calibrationPath = folder + "/calibrate/calibration.json"
    let xcs = resolve(file.inputs.xcs)
    let options = MapOptions(
      method: method, minimumCounts: file.map?.minimumCounts ?? 50, rangeSigmas: file.map?.rangeSigmas ?? 3)
    let spectral = spectralOptions
    let truth = file.inputs.truth.map(resolve)
    var parameters = [
      "method": method.rawValue, "minimum_counts": "\(options.minimumCounts)",
      "range_sigmas": "\(options.rangeSigmas)",
    ]
    parameters["live_time_s"] = file.inputs.liveTime.map { "\($0)" }
    return Stage(
      "map", inputs: [xcs, calibrationPath] + [truth].compactMap { $0 }, parameters: parameters
    ) { (work, resources) throws(VoxelithError) in
      let calibration = try CalibrationFile.read(calibrationPath)
      let map = try LithiumMap(
        source: try SpectralFile.open(xcs, options: spectral), calibration: calibration, options: options)
      try MapFolder.write(
        map, method: options.method, calibration: calibration, to: work, overwrite: true, resources: resources
      )
      if let truth {
        let comparison = try TruthComparison(
          map: try VolumeFile.open(work + "/li.tif"), sigma: try VolumeFile.open(work + "/li_sigma.tif"),
          truth: try VolumeFile.open(truth))
        try JSONOutput.write(comparison, to: work + "/truth.json", overwrite: true)
      }
    }
  }

  private func figureStage(_ folder: String) throws(VoxelithError) -> Stage {
    let map = folder + "/map"
    let calibration = folder + "/calibrate/calibration.json"
    let truth = file.inputs.truth.map(resolve)
    let axis = Axis(rawValue: file.figures?.axis ?? "z") ?? .z
    let colors = file.figures?.colorMap ?? "batlow"
    return Stage(
      "figures", inputs: [map + "/li.tif", map + "/li_sigma.tif", calibration] + [truth].compactMap { $0 },
      parameters: ["axis": axis.rawValue, "color_map": colors]
    ) { (work, _) throws(VoxelithError) in
      try MapFigures.write(
        map: map, calibration: try CalibrationFile.read(calibration), truth: truth, axis: axis,
        colorMap: colors, to: work)
    }
  }
}
