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
      files: names.map { PathName.join(folder, $0) } + more, folder: folder,
      provenance: PathName.join(folder, "provenance.json"), names: nil)
  }

  /// Files by their own names; the provenance lies beside the first, as `NAME.provenance.json`.
  ///
  /// - Parameters:
  ///   - named: more files that the user names.
  ///   - others: files whose names follow from those.
  static func file(_ path: String, named: [String] = [], others: [String] = []) -> Outputs {
    let stem = path.hasSuffix("/") ? String(path.dropLast()) : path
    let all = [stem] + named + others
    return Outputs(
      files: all, folder: nil, provenance: provenanceName(stem),
      names: all.map { PathName.last(of: $0) })
  }

  /// The longest name that a file can have, in bytes.
  private static let longestName = 255

  /// `NAME.provenance.json`, with a shorter beginning of the name where that would be too long.
  private static func provenanceName(_ path: String) -> String {
    let ending = ".provenance.json"
    let name = PathName.last(of: path)
    let room = longestName - ending.utf8.count
    guard name.utf8.count > room else { return path + ending }
    var short = ""
    for letter in name where short.utf8.count + String(letter).utf8.count <= room { short.append(letter) }
    return PathName.join(PathName.folder(of: path), short + ending)
  }

  /// Looks whether every output can be made, and makes the folders that are missing.
  ///
  /// Results of several commands may stand in one folder: the provenance of a later one then carries its name.
  ///
  /// - Throws: `cannotCreate` where a file is there and may not be replaced, or a folder cannot be made.
  mutating func prepare(_ command: String, overwrite: Bool, inputs: [String]) throws(VoxelithError) {
    for path in files + [folder].compactMap({ $0 }) { try Self.checkName(path) }
    Ownership.begin(
      root: folder, record: provenance, inputs: overwrite ? try InputFiles.all(of: inputs) : inputs)
    for path in files {
      if path.hasSuffix(".zarr"), FileManager.default.fileExists(atPath: path) {
        try OutputFolder.check(path, overwrite: overwrite)
      } else {
        try OutputFile.check(path, overwrite: overwrite)
      }
    }
    if let folder {
      try OutputFile.prepareFolder(folder)
      if FileManager.default.fileExists(atPath: provenance), !overwrite || !isProvenance(of: command) {
        provenance = PathName.join(folder, "\(command).provenance.json")
        names = files.map { PathName.last(of: $0) }
      }
    }
    try OutputFile.check(provenance, overwrite: overwrite)
    try Provenance.check(provenance)
    for path in files {
      let above = PathName.folder(of: path)
      if !above.isEmpty { try OutputFile.prepareFolder(above) }
    }
  }

  /// - Throws: `cannotCreate` where a part of the path has more bytes than file systems take.
  private static func checkName(_ path: String) throws(VoxelithError) {
    for part in path.split(separator: "/") where part.utf8.count > longestName {
      throw VoxelithError(
        .cannotCreate, "the name has \(part.utf8.count) bytes; \(longestName) are possible", file: path,
        advice: "choose a shorter one")
    }
  }

  /// Whether the record that lies there is that of the same command, which replaces it.
  private func isProvenance(of command: String) -> Bool {
    guard let data = try? WholeFile.read(provenance),
      let found = try? JSONDecoder().decode(Provenance.self, from: data)
    else { return true }
    return found.command.dropFirst().first { !$0.hasPrefix("-") } == command
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
    try self.outputs.prepare(name, overwrite: overwrite, inputs: inputs)
    if let folder = outputs.folder { try crate?.check(folder, overwrite: overwrite) }
  }

  /// Does the work and writes the provenance.
  ///
  /// - Parameter more: inputs that the work came to know.
  /// - Returns: what the work answers, and the seconds it took.
  @discardableResult
  func run<Result>(
    more: (Result) -> [String] = { _ in [] }, _ work: (Resources) throws -> Result
  ) throws -> (result: Result, seconds: Double) {
    let resources = common.resources()
    var encoded: [String: JSONValue] = [:]
    for (word, value) in settings { encoded[word] = try JSONValue(encoding: value) }
    // The checksums of the inputs are taken beside the work where it may have several threads.
    let isBeside = resources.threads > 1
    var provenance = try Provenance(
      command: CommandLine.arguments, settings: .object(encoded), inputs: isBeside ? [] : inputs,
      seeds: seeds,
      threads: resources.threads)
    provenance.outputs = outputs.names
    let (manifest, (result, elapsed)) = try InputManifest.beside(isBeside ? inputs : []) {
      let start = ContinuousClock.now
      let result = try work(resources)
      return (result, start.duration(to: .now) / .seconds(1))
    }
    provenance.inputs.merge(manifest.sha256) { $1 }
    provenance.seconds[name] = elapsed
    provenance.inputs.merge(try InputManifest(more(result)).sha256) { $1 }
    let place = PathName.folder(of: outputs.provenance)
    let sums = try Ownership.outputs(in: place)
    provenance.outputsSHA256 = sums
    provenance.outputsElsewhereSHA256 = try Ownership.outputs(beyond: place)
    if overwrite, let earlier = WrittenRecord(outputs.provenance) {
      for path in try Ownership.removeStale(earlier, keep: Set(sums.keys)) {
        common.console.notice("\(path): an earlier run wrote it and it was changed since, so it stays")
      }
    }
    if overwrite { Ownership.removeUnfinished() }
    try provenance.write(to: outputs.provenance, overwrite: overwrite)
    if crate, let folder = outputs.folder { try ResearchCrate.write(folder, overwrite: overwrite) }
    Ownership.end()
    return (result, elapsed)
  }
}
