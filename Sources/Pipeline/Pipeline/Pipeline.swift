import Compton
import Foundation
import Readers
public import Volumetry

/// A pipeline that is ready to run: its file, the folder that paths are relative to, and its stages.
public struct Pipeline: Sendable {
  public let file: PipelineFile
  let path: String
  private let base: String
  let method: MapMethod

  /// Reads and checks a pipeline: keys, values, and that every input is there.
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
    for (key, name) in namedFiles {
      guard !FileManager.default.fileExists(atPath: resolve(name)) else { continue }
      throw VoxelithError(
        .missing, "the input '\(key)' is not there: \(resolve(name))", file: path,
        advice: "paths are relative to the folder of the YAML file")
    }
    try validate()
  }

  /// Every file that the YAML names, by its key.
  private var namedFiles: [(String, String)] {
    let inputs = file.inputs
    let all: [(String, String?)] = [
      ("xcs", inputs.xcs), ("standards", inputs.standards), ("xct", inputs.xct), ("labels", inputs.labels),
      ("fractions", inputs.fractions), ("truth", inputs.truth), ("truth_fractions", inputs.truthFractions),
      ("truth_transform", inputs.truthTransform), ("register.start", file.register?.start),
      ("register.transform", file.register?.transform), ("map.absorption", file.map?.absorption),
      ("map.guide", file.map?.guide),
    ]
    return all.compactMap { (key, name) in name.map { (key, $0) } }
  }

  /// Path of an input as the process sees it.
  func resolve(_ name: String) -> String {
    name.hasPrefix("/") || base.isEmpty ? name : base + "/" + name
  }

  /// Names of the stages in their order.
  public var stageNames: [String] { plan.names }

  /// Runs the stages into folders of `folder`.
  ///
  /// - Parameters:
  ///   - only: one stage; those before it must be done.
  ///   - before: a stage before which to stop.
  /// - Throws: `usage` for an unknown stage; what a stage throws.
  public func run(
    into folder: String, only: String? = nil, before: String? = nil, resume: Bool = false,
    overwrite: Bool = false, command: [String], resources: Resources
  ) throws(VoxelithError) -> [StageOutcome] {
    let plan = plan
    for name in [only, before].compactMap({ $0 }) where !plan.names.contains(name) {
      throw VoxelithError(
        .usage,
        plan.leftOut[name].map { "the stage '\(name)' is left out: \($0)" }
          ?? "there is no stage '\(name)'",
        advice: "stages: " + plan.names.joined(separator: ", "))
    }
    try OutputFile.prepareFolder(folder)
    let runner = StageRunner(
      folder: folder, resume: resume, overwrite: overwrite, command: command, resources: resources)
    var outcomes: [StageOutcome] = []
    for name in plan.stages.prefix(while: { $0.rawValue != before })
    where only == nil || only == name.rawValue {
      if only != nil { try requireDone(before: name, in: folder, plan: plan) }
      outcomes.append(try runner.run(try stage(name, in: folder)))
    }
    return outcomes
  }

  /// - Throws: `missing` where a stage that another one builds on has no results yet.
  func requireDone(
    before stage: StageName, in folder: String, plan: PipelinePlan
  ) throws(VoxelithError) {
    for other in stage.reads where plan.stages.contains(other) {
      let record = folder + "/\(other.rawValue)/stage.json"
      guard FileManager.default.fileExists(atPath: record) else {
        throw VoxelithError(
          .missing,
          "the stage '\(stage.rawValue)' reads the results of '\(other.rawValue)', which are not there",
          file: folder, advice: "run '\(other.rawValue)' first, or the whole pipeline with --resume")
      }
    }
  }

  private func stage(_ name: StageName, in folder: String) throws(VoxelithError) -> Stage {
    switch name {
    case .inspect: try inspectStage()
    case .calibrate: try calibrateStage()
    case .segment: try segmentStage()
    case .orient: try orientStage(folder)
    case .pores: try poreStage(folder)
    case .transport: try transportStage(folder)
    case .mapPlain: try mapStage(folder, corrected: false)
    case .register: try registerStage(folder)
    case .fractions: try fractionStage(folder)
    case .fields: try fieldStage(folder)
    case .map: try mapStage(folder, corrected: true)
    case .correlate: try correlateStage(folder)
    case .figures: try figureStage(folder)
    case .report: try reportStage(folder)
    }
  }
}
