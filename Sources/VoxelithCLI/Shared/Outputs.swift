import Foundation
import Voxelith

/// What a command writes: files that are looked at before any work, and where its provenance goes.
struct Outputs {
  private let files: [String]
  let folder: String?
  /// The file that says how the others came to be.
  private(set) var provenance: String
  /// Names of the files that a replay compares, where they lie beside the provenance; nil for a whole folder.
  private(set) var names: [String]?

  /// A folder of results with its `provenance.json`.
  ///
  /// - Parameters:
  ///   - names: files within it that are known before the work.
  ///   - more: files elsewhere.
  static func folder(_ folder: String, files names: [String], more: [String] = []) -> Outputs {
    Outputs(
      files: names.map { folder + "/" + $0 } + more, folder: folder, provenance: folder + "/provenance.json",
      names: nil)
  }

  /// Files by their own names; the provenance lies beside the first, as `NAME.provenance.json`.
  static func file(_ path: String, others: [String] = []) -> Outputs {
    let stem = path.hasSuffix("/") ? String(path.dropLast()) : path
    let all = [stem] + others
    return Outputs(
      files: all, folder: nil, provenance: stem + ".provenance.json", names: all.map(name))
  }

  private static func name(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// Looks whether every output can be made, and makes the folders that are missing.
  ///
  /// Results of several commands may stand in one folder: the provenance of a later one then carries its name.
  ///
  /// - Throws: `cannotCreate` where a file is there and may not be replaced, or a folder cannot be made.
  mutating func prepare(_ command: String, overwrite: Bool) throws(VoxelithError) {
    for path in files {
      if path.hasSuffix(".zarr"), FileManager.default.fileExists(atPath: path) {
        guard overwrite else {
          throw VoxelithError(
            .cannotCreate, "exists already", file: path, advice: "use --overwrite to replace it")
        }
      } else {
        try OutputFile.check(path, overwrite: overwrite)
      }
    }
    if let folder {
      try OutputFile.prepareFolder(folder)
      if !overwrite, FileManager.default.fileExists(atPath: provenance) {
        provenance = "\(folder)/\(command).provenance.json"
        names = files.map(Self.name)
      }
    }
    try OutputFile.check(provenance, overwrite: overwrite)
    try Provenance.check(provenance)
    for path in files {
      if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
        try OutputFile.prepareFolder(String(path[..<slash]))
      }
    }
  }
}

/// The one way to perform a command that writes: outputs are looked at before any work, the work is timed, and provenance with the
/// encoded settings is written beside the results. What is printed comes last, so that a result never hangs on who reads.
struct Performance {
  let name: String
  private(set) var outputs: Outputs
  let common: CommonOptions
  let overwrite: Bool
  /// Settings by a word that tells whose they are.
  var settings: [String: any Encodable] = [:]
  var inputs: [String] = []
  var seeds: [String: UInt64] = [:]
  /// Whether the folder is described as a Research Object Crate, too.
  private let crate: Bool
  /// Nobody else writes into the folder meanwhile.
  private let lock: ResultsLock?

  init(
    _ name: String, _ outputs: Outputs, _ common: CommonOptions, overwrite: Bool,
    settings: [String: any Encodable] = [:], inputs: [String] = [], seeds: [String: UInt64] = [:],
    crate: CrateOption? = nil
  ) throws(VoxelithError) {
    self.name = name
    self.outputs = outputs
    self.common = common
    self.overwrite = overwrite
    self.settings = settings
    self.inputs = inputs
    self.seeds = seeds
    self.crate = crate?.roCrate ?? false
    for value in settings.values {
      if let settings = value as? any OperationSettings { try settings.validate() }
    }
    lock = try outputs.folder.map { (folder) throws(VoxelithError) in try ResultsLock(folder) }
    try self.outputs.prepare(name, overwrite: overwrite)
    if let folder = outputs.folder { try crate?.check(folder, overwrite: overwrite) }
  }

  /// Does the work and writes the provenance.
  ///
  /// - Returns: what the work answers, and the seconds it took.
  @discardableResult
  func run<Result>(_ work: (Resources) throws -> Result) throws -> (result: Result, seconds: Double) {
    let resources = common.resources()
    var encoded: [String: JSONValue] = [:]
    for (word, value) in settings { encoded[word] = try JSONValue(encoding: value) }
    var provenance = try Provenance(
      command: CommandLine.arguments, settings: .object(encoded), inputs: inputs, seeds: seeds,
      threads: resources.threads)
    provenance.outputs = outputs.names
    let start = ContinuousClock.now
    let result = try work(resources)
    let elapsed = start.duration(to: .now) / .seconds(1)
    provenance.seconds[name] = elapsed
    try provenance.write(to: outputs.provenance, overwrite: overwrite)
    if crate, let folder = outputs.folder { try ResearchCrate.write(folder, overwrite: overwrite) }
    return (result, elapsed)
  }
}
