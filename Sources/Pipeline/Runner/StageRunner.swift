import Foundation
package import Readers
import Results
package import Volumetry

/// Runs stages one after another, each into a folder that appears whole or not at all.
package struct StageRunner {
  package let folder: String
  /// Nobody else writes into the folder of the run meanwhile, or only other parts.
  package let lock: ResultsLock
  package let resume: Bool
  package let overwrite: Bool
  package let command: [String]
  package let resources: Resources

  package init(
    folder: String, lock: ResultsLock, resume: Bool, overwrite: Bool, command: [String], resources: Resources
  ) {
    self.folder = folder
    self.lock = lock
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
    let target = StageFolder(folder + "/" + stage.name)
    let manifest = try InputManifest(stage.inputs)
    let key = try StageKey.of(stage, manifest: manifest)
    if resume, target.isIntact(key: key) {
      return StageOutcome(name: stage.name, folder: target.path, seconds: 0, wasUpToDate: true)
    }
    try checkTarget(stage.name)
    let work = try lock.makeWorkFolder(for: stage.name)
    defer { Unfinished.remove(work) }
    do throws(VoxelithError) {
      var provenance = Provenance(
        command: command, settings: stage.settings, manifest: manifest, seeds: stage.seeds,
        threads: resources.threads)
      try provenance.timed(stage.name) { () throws(VoxelithError) in try stage.run(work, resources) }
      try manifest.checkUnchanged()
      let record = StageRecord(
        name: stage.name, key: key, settings: stage.settings, outputs: try Self.checksums(work))
      try JSONOutput.write(record, to: work + "/stage.json", overwrite: true)
      try provenance.write(to: work, overwrite: true)
      try target.replace(with: work, stage: stage.name)
      return StageOutcome(
        name: stage.name, folder: target.path, seconds: provenance.seconds[stage.name] ?? 0,
        wasUpToDate: false)
    } catch {
      try? FileManager.default.removeItem(atPath: work)
      throw error
    }
  }

  /// Checks that a stage may write its folder.
  ///
  /// - Throws: `cannotCreate` where results are in the way and neither `resume` nor `overwrite` is set, or something that
  ///   no stage wrote.
  func checkTarget(_ name: String) throws(VoxelithError) {
    let target = StageFolder(folder + "/" + name)
    guard target.exists else { return }
    try target.checkReplaceable(by: name)
    guard resume || overwrite else {
      throw VoxelithError(
        .cannotCreate, "exists already", file: target.path, advice: "use --resume to go on, or --overwrite")
    }
  }

  /// Removes the results of stages that a pipeline no longer has, as those of a stage that changed are replaced.
  ///
  /// - Throws: `cannotCreate` where such a folder holds something that the stage did not write; `io` where the system refuses.
  package func removeOthers(than names: [String]) throws(VoxelithError) {
    let manager = FileManager.default
    for name in (try? manager.contentsOfDirectory(atPath: folder)) ?? [] where !names.contains(name) {
      let other = StageFolder(folder + "/" + name)
      // Only what a run wrote under this very name.
      guard other.record?.name == name else { continue }
      try other.checkReplaceable(by: name)
      do {
        try manager.removeItem(atPath: other.path)
      } catch {
        throw VoxelithError(
          .io, "the results of a stage that is left out cannot be removed", file: other.path,
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
}
