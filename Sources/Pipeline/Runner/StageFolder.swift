import Foundation
import Readers
import Results
import Volumetry

/// The folder of a stage's results, which is replaced only where all of it is known to be the program's own.
struct StageFolder {
  let path: String
  /// What `stage.json` says; nil where there is none that can be read.
  let record: StageRecord?

  init(_ path: String) {
    self.path = path
    record = (try? WholeFile.read(path + "/stage.json")).flatMap {
      try? JSONDecoder().decode(StageRecord.self, from: $0)
    }
  }

  /// Whether anything has this name.
  var exists: Bool { (try? FileManager.default.attributesOfItem(atPath: path)) != nil }

  /// Whether it is what a stage with this key made, and unharmed.
  func isIntact(key: String) -> Bool {
    guard let record, record.key == key, Provenance.isIntact(path + "/provenance.json") else { return false }
    return record.outputs.allSatisfy { name, hash in (try? SHA256.of(file: path + "/" + name)) == hash }
  }

  /// - Throws: `cannotCreate` naming what is in the way that the stage did not write.
  func checkReplaceable(by stage: String) throws(VoxelithError) {
    guard exists, let found = foreign(stage) else { return }
    throw VoxelithError(
      .cannotCreate, "is in the way: \(found)", file: path,
      advice: "voxelith replaces only what it wrote; move it away, or choose another folder")
  }

  private func foreign(_ stage: String) -> String? {
    let kind = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
    guard kind == .typeDirectory else { return "it is not a folder" }
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
    // Nothing is lost with an empty folder.
    if names.isEmpty { return nil }
    guard let record else { return "it has no stage.json of the stage '\(stage)'" }
    guard record.name == stage else { return "it is the folder of the stage '\(record.name)'" }
    let known = Set(record.outputs.keys).union(["stage.json", "provenance.json"])
    for name in names.sorted() where !known.contains(name) {
      // A folder above something known.
      if known.contains(where: { $0.hasPrefix(name + "/") }) { continue }
      return "it holds '\(name)', which the stage did not write"
    }
    return nil
  }

  /// Gives a complete folder this name; what had it goes.
  ///
  /// - Throws: `cannotCreate` where something came in the way meanwhile; `io` where the system refuses.
  func replace(with work: String, stage: String) throws(VoxelithError) {
    // Somebody may have put something there while the stage ran.
    try StageFolder(path).checkReplaceable(by: stage)
    try OutputFolder.replace(path, with: work)
  }
}
