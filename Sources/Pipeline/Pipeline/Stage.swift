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
  /// Nobody else writes into the folder of the run meanwhile, or only other parts.
  let lock: ResultsLock
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
    let target = StageFolder(folder + "/" + stage.name)
    let manifest = try InputManifest(stage.inputs)
    let key = try key(of: stage, manifest: manifest)
    if resume, target.isIntact(key: key) {
      return StageOutcome(name: stage.name, folder: target.path, seconds: 0, wasUpToDate: true)
    }
    try checkTarget(stage.name)
    let work = try lock.makeWorkFolder(for: stage.name)
    defer { Unfinished.remove(work) }
    do throws(VoxelithError) {
      var provenance = Provenance(
        command: command, parameters: stage.parameters, manifest: manifest, seeds: stage.seeds,
        threads: resources.threads)
      try provenance.timed(stage.name) { () throws(VoxelithError) in try stage.run(work, resources) }
      try manifest.checkUnchanged()
      let record = StageRecord(name: stage.name, key: key, outputs: try Self.checksums(work))
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

  /// Checksum over all that a stage is made from.
  ///
  /// - Parameter manifest: the inputs with all that they lead to; found anew where not given.
  func key(of stage: Stage, manifest: InputManifest? = nil) throws(VoxelithError) -> String {
    var text = "voxelith \(PackageVersion.current)\n\(stage.name)\n"
    for (name, value) in stage.parameters.sorted(by: { $0.key < $1.key }) { text += "\(name)=\(value)\n" }
    for (name, value) in stage.seeds.sorted(by: { $0.key < $1.key }) { text += "\(name)=\(value)\n" }
    if let manifest { text += manifest.text } else { text += try InputManifest(stage.inputs).text }
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
}
