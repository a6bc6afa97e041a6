import Foundation
import Readers
import Results
package import Volumetry

/// Runs stages one after another, each into a folder that appears whole or not at all.
package struct StageRunner {
  package let folder: String
  package let resume: Bool
  package let overwrite: Bool
  package let command: [String]
  package let resources: Resources

  package init(folder: String, resume: Bool, overwrite: Bool, command: [String], resources: Resources) {
    self.folder = folder
    self.resume = resume
    self.overwrite = overwrite
    self.command = command
    self.resources = resources
  }

  /// Runs a stage, or finds that it is done.
  ///
  /// The stage works in a hidden folder, which takes its name when everything is written. With `resume` a finished
  /// stage stays if its inputs and settings are the same and its files are intact; a stage that changed is made
  /// anew.
  ///
  /// - Throws: `cannotCreate` where results are in the way and neither `resume` nor `overwrite` is set.
  package func run(_ stage: Stage) throws(VoxelithError) -> StageOutcome {
    let target = folder + "/" + stage.name
    // What a run that was killed may have left.
    let work = folder + "/.\(stage.name).partial"
    let old = folder + "/.\(stage.name).old"
    let manager = FileManager.default
    let key = try StageKey.of(stage)
    if manager.fileExists(atPath: target) {
      if resume, isIntact(target, key: key) {
        for name in [work, old] { try? manager.removeItem(atPath: name) }
        return StageOutcome(name: stage.name, folder: target, seconds: 0, wasUpToDate: true)
      }
      guard resume || overwrite else {
        throw VoxelithError(
          .cannotCreate, "exists already", file: target, advice: "use --resume to go on, or --overwrite")
      }
    }
    try? manager.removeItem(atPath: work)
    try? manager.removeItem(atPath: old)
    try OutputFile.prepareFolder(work)
    do throws(VoxelithError) {
      var provenance = try Provenance(
        command: command, settings: stage.settings, inputs: stage.inputs, seeds: stage.seeds,
        threads: resources.threads)
      try provenance.timed(stage.name) { () throws(VoxelithError) in try stage.run(work, resources) }
      let record = StageRecord(
        name: stage.name, key: key, settings: stage.settings, outputs: try Self.checksums(work))
      try JSONOutput.write(record, to: work + "/stage.json", overwrite: true)
      try provenance.write(to: work, overwrite: true)
      do {
        if manager.fileExists(atPath: target) { try manager.moveItem(atPath: target, toPath: old) }
        try manager.moveItem(atPath: work, toPath: target)
      } catch {
        throw VoxelithError(
          .io, "the results cannot take their name", file: target, cause: error.localizedDescription)
      }
      try? manager.removeItem(atPath: old)
      return StageOutcome(
        name: stage.name, folder: target, seconds: provenance.seconds[stage.name] ?? 0, wasUpToDate: false)
    } catch {
      try? manager.removeItem(atPath: work)
      throw error
    }
  }

  /// Removes the results of stages that a pipeline has no more, as those of a stage that changed are replaced.
  package func removeOthers(than names: [String]) throws(VoxelithError) {
    let manager = FileManager.default
    for name in (try? manager.contentsOfDirectory(atPath: folder)) ?? [] where !names.contains(name) {
      let path = folder + "/" + name + "/stage.json"
      // Only what a run wrote under this very name.
      guard let data = manager.contents(atPath: path),
        let record = try? JSONDecoder().decode(StageRecord.self, from: data), record.name == name
      else { continue }
      do {
        try manager.removeItem(atPath: folder + "/" + name)
      } catch {
        throw VoxelithError(
          .io, "the results of a stage that is left out cannot be removed", file: folder + "/" + name,
          cause: error.localizedDescription)
      }
    }
  }

  package static func checksums(_ folder: String) throws(VoxelithError) -> [String: String] {
    var result: [String: String] = [:]
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
    for name in names.sorted() {
      var isFolder = ObjCBool(false)
      guard unsafe FileManager.default.fileExists(atPath: folder + "/" + name, isDirectory: &isFolder),
        !isFolder.boolValue, name != "stage.json", !name.hasSuffix("provenance.json")
      else { continue }
      result[name] = try SHA256.of(file: folder + "/" + name)
    }
    return result
  }

  private func isIntact(_ folder: String, key: String) -> Bool {
    guard let data = FileManager.default.contents(atPath: folder + "/stage.json"),
      let record = try? JSONDecoder().decode(StageRecord.self, from: data), record.key == key,
      let found = try? Self.checksums(folder)
    else { return false }
    return found == record.outputs
  }
}
