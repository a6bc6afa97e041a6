import Foundation
import Readers
import Results
import Volumetry

/// A step of a pipeline: files in, a folder of files out.
struct Stage: Sendable {
  let name: String
  /// Files that it reads.
  let inputs: [String]
  let parameters: [String: String]
  let seeds: [String: UInt64]
  /// Writes everything into the folder that it is given.
  let run: @Sendable (String, Resources) throws(VoxelithError) -> Void

  init(
    _ name: String, inputs: [String], parameters: [String: String] = [:], seeds: [String: UInt64] = [:],
    run: @escaping @Sendable (String, Resources) throws(VoxelithError) -> Void
  ) {
    self.name = name
    self.inputs = inputs
    self.parameters = parameters
    self.seeds = seeds
    self.run = run
  }
}

/// `stage.json`: what a finished stage was made from, and the checksums of what it made.
struct StageRecord: Codable {
  var name: String
  /// Checksum over program version, parameters and the checksums of the inputs.
  var key: String
  /// Checksums of the outputs by file name.
  var outputs: [String: String]
}

/// What happened to a stage of a run.
public struct StageOutcome: Codable, Sendable {
  public var name: String
  public var folder: String
  public var seconds: Double
  /// True where the results were there already, made from the same inputs.
  public var wasUpToDate: Bool

  enum CodingKeys: String, CodingKey {
    case name, folder, seconds
    case wasUpToDate = "was_up_to_date"
  }
}

/// Runs stages one after another, each into a folder that appears whole or not at all.
struct StageRunner {
  let folder: String
  let resume: Bool
  let overwrite: Bool
  let command: [String]
  let resources: Resources

  /// Runs a stage, or finds that it is done.
  ///
  /// The stage works in a hidden folder, which takes its name when everything is written. With `resume` a finished
  /// stage stays if its inputs and parameters are the same and its files are intact; a stage that changed is made
  /// anew.
  ///
  /// - Throws: `cannotCreate` where results are in the way and neither `resume` nor `overwrite` is set.
  func run(_ stage: Stage) throws(VoxelithError) -> StageOutcome {
    let target = folder + "/" + stage.name
    // What a run that was killed may have left.
    let work = folder + "/.\(stage.name).partial"
    let old = folder + "/.\(stage.name).old"
    let manager = FileManager.default
    let key = try key(of: stage)
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
        command: command, parameters: stage.parameters, inputs: stage.inputs, seeds: stage.seeds,
        threads: resources.threads)
      try provenance.timed(stage.name) { () throws(VoxelithError) in try stage.run(work, resources) }
      let record = StageRecord(name: stage.name, key: key, outputs: try Self.checksums(work))
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

  /// Checksum over all that a stage is made from.
  ///
  /// - Parameter hashes: checksums of inputs that are known already.
  func key(of stage: Stage, hashes: [String: String] = [:]) throws(VoxelithError) -> String {
    var text = "voxelith \(PackageVersion.current)\n\(stage.name)\n"
    for (name, value) in stage.parameters.sorted(by: { $0.key < $1.key }) { text += "\(name)=\(value)\n" }
    for (name, value) in stage.seeds.sorted(by: { $0.key < $1.key }) { text += "\(name)=\(value)\n" }
    for path in stage.inputs {
      let hash: String = if let known = hashes[path] { known } else { try SHA256.of(file: path) }
      text += hash + "\n"
    }
    return try SHA256.of(text)
  }

  static func checksums(_ folder: String) throws(VoxelithError) -> [String: String] {
    var result: [String: String] = [:]
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
    for name in names.sorted() {
      var isFolder = ObjCBool(false)
      guard unsafe FileManager.default.fileExists(atPath: folder + "/" + name, isDirectory: &isFolder),
        !isFolder.boolValue, name != "stage.json", name != "provenance.json"
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
