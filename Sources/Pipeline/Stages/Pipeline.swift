import Compton
import Foundation
import Readers
import Results
public import Volumetry

/// A pipeline that is ready to run: its file, the folder that paths are relative to, and its stages.
public struct Pipeline: Sendable {
  public let file: PipelineFile
  let path: String
  private let base: String

  /// Reads and checks a pipeline: keys, values, and that every input is there.
  ///
  /// - Throws: `missing` where a file is not there, `data` where a value makes no sense.
  public init(_ path: String) throws(VoxelithError) {
    self.path = path
    base = PathName.folder(of: path)
    file = try PipelineFile.read(path)
    for (key, name) in namedFiles {
      guard !FileManager.default.fileExists(atPath: resolve(name)) else {
        _ = try Containment.path(name, namedIn: path)
        continue
      }
      throw VoxelithError(
        .missing, "the input '\(key)' is not there: \(resolve(name))", file: path,
        advice: "paths are relative to the folder of the YAML file")
    }
    try validate()
  }

  /// Every file that the YAML names, by its key.
  var namedFiles: [(String, String)] {
    let files = file.inputs.files
    let spectra = file.inputs.spectra
    let all: [(String, String?)] = [
      ("standards", files.standards), ("xct", files.xct), ("labels", files.labels),
      ("fractions", files.fractions), ("truth", files.truth), ("truth_fractions", files.truthFractions),
      ("truth_transform", files.truthTransform), ("pixel_gain", spectra.pixelGain),
      ("pixel_offset", spectra.pixelOffset), ("dead_pixels", spectra.deadPixels),
      ("segment.mask", file.segment.mask), ("register.start", file.register.start),
      ("register.transform", file.given.transform), ("map.absorption", file.map.absorption),
      ("map.guide", file.map.guide), ("map.shape", file.map.shape),
      ("materials.labels", file.materials?.labels), ("diffuse.series", file.diffuse?.series),
      ("diffuse.regions", file.diffuse?.regions), ("diffuse.fractions", file.diffuse?.fractions),
      ("diffuse.transport", file.diffuse?.transport),
    ]
    let maps = file.maps.flatMap { entry in entry.map.files.map { ("maps", $0) } }
    return files.xcs.all.map { ("xcs", $0) } + all.compactMap { (key, name) in name.map { (key, $0) } }
      + maps + (file.materials?.materials ?? []).map { ("materials.standards", $0.standards) }
  }

  /// Path of an input as the process sees it.
  func resolve(_ name: String) -> String {
    name.hasPrefix("/") || base.isEmpty ? name : base + "/" + name
  }

  package var plan: PipelinePlan { PipelinePlan(file) }

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
    for name in [only, before].compactMap({ $0 }) where !plan.has(name) {
      throw VoxelithError(
        .usage,
        plan.leftOut[name].map { "the stage '\(name)' is left out: \($0)" }
          ?? "there is no stage '\(name)'",
        advice: NameGuess.advice(for: name, among: plan.names, as: "stages"))
    }
    try OutputFile.prepareFolder(folder)
    let runner = StageRunner(
      folder: folder, lock: try ResultsLock(folder), resume: resume, overwrite: overwrite, command: command,
      resources: resources)
    let chosen = plan.stages.prefix { $0.name != before }.filter { only == nil || only == $0.name }
    // Before hours of work rather than after.
    for stage in chosen
    where !(resume && StageFolder(folder + "/" + stage.name).record?.name == stage.name) {
      try runner.checkTarget(stage.name)
    }
    if only == nil, resume || overwrite { try runner.removeOthers(than: plan.names) }
    var outcomes: [StageOutcome] = []
    for stage in chosen {
      if only != nil { try requireDone(before: stage, in: folder, plan: plan) }
      outcomes.append(try runner.run(try stage.prepare(self, folder)))
    }
    return outcomes
  }

  /// - Throws: `missing` where a stage that another one builds on has no results yet.
  func requireDone(
    before stage: StageDefinition, in folder: String, plan: PipelinePlan
  ) throws(VoxelithError) {
    for other in stage.reads where plan.has(other) {
      guard FileManager.default.fileExists(atPath: folder + "/\(other)/stage.json") else {
        throw VoxelithError(
          .missing,
          "the stage '\(stage.name)' reads the results of '\(other)', which are not there",
          file: folder, advice: "run '\(other)' first, or the whole pipeline with --resume")
      }
    }
  }
}
