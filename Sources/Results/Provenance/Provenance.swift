import Foundation
import Readers
public import Volumetry

/// How the contents of an output folder came to be: `provenance.json`.
public struct Provenance: Codable, Sendable {
  public var program: String
  public var version: String
  /// The command line, or what called the library.
  public var command: [String]
  /// Folder that relative paths start from; nil in files of early versions.
  public var directory: String?
  /// The settings, encoded.
  public var parameters: JSONValue
  /// SHA-256 of every input, by path.
  public var inputs: [String: String]
  public var seeds: [String: UInt64]
  /// Names of the results that lie beside this file; none where they are all that the folder holds.
  public var outputs: [String]?
  /// SHA-256 of the results by their names beside this file; none where `stage.json` has them.
  public var outputsSHA256: [String: String]?
  /// SHA-256 of the results that lie in other folders, by full paths; none where there are none.
  public var outputsElsewhereSHA256: [String: String]?
  /// Seconds per stage.
  public var seconds: [String: Double]
  public var started: String
  public var host: Host
  /// SHA-256 of the file as it was written, with zeros in the place of this number.
  public var recordSHA256: String?

  public struct Host: Codable, Sendable {
    public var system: String
    public var cores: Int
    public var threads: Int
  }

  enum CodingKeys: String, CodingKey {
    case program, version, command, directory, parameters, seeds, started, host, outputs
    case inputs = "inputs_sha256"
    case outputsSHA256 = "outputs_sha256"
    case outputsElsewhereSHA256 = "outputs_elsewhere_sha256"
    case recordSHA256 = "record_sha256"
    case seconds = "seconds_per_stage"
  }

  /// - Throws: `missing` and `io` where an input cannot be read.
  public init(
    command: [String], settings: JSONValue = .object([:]), inputs: [String], seeds: [String: UInt64] = [:],
    threads: Int
  ) throws(VoxelithError) {
    self.init(
      command: command, settings: settings, manifest: try InputManifest(inputs), seeds: seeds,
      threads: threads)
  }

  /// - Parameter manifest: what is read, with all that it leads to.
  public init(
    command: [String], settings: JSONValue = .object([:]), manifest: InputManifest,
    seeds: [String: UInt64] = [:], threads: Int
  ) {
    program = "voxelith"
    version = PackageVersion.current
    self.command = command
    directory = FileManager.default.currentDirectoryPath
    parameters = settings
    self.seeds = seeds
    inputs = manifest.sha256
    seconds = [:]
    started = ISO8601DateFormatter().string(from: Date())
    host = Host(
      system: ProcessInfo.processInfo.operatingSystemVersionString,
      cores: ProcessInfo.processInfo.activeProcessorCount, threads: threads)
  }

  /// Runs a stage and notes how long it took.
  public mutating func timed<Result>(
    _ stage: String, _ body: () throws(VoxelithError) -> Result
  ) throws(VoxelithError) -> Result {
    let start = ContinuousClock.now
    let result = try body()
    let elapsed = start.duration(to: .now)
    seconds[stage] = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
    return result
  }

  /// Writes the file.
  ///
  /// - Parameters:
  ///   - place: the file (`NAME.provenance.json` or `provenance.json`), or the folder that gets `provenance.json`.
  ///   - overwrite: whether an earlier provenance is replaced; a file of that name that is none never is.
  /// - Throws: `cannotCreate` where a file is in the way.
  public func write(to place: String, overwrite: Bool) throws(VoxelithError) {
    let path = place.hasSuffix("provenance.json") ? place : place + "/provenance.json"
    try Self.check(path)
    var blank = self
    blank.recordSHA256 = Self.zeros
    let text = String(decoding: try JSONOutput.data(blank), as: UTF8.self)
    let sealed = Self.sealed(text, from: Self.zeros, to: try SHA256.of(text))
    try OutputFile.write(sealed, to: path, overwrite: overwrite)
  }

  private static let zeros = String(repeating: "0", count: 64)

  private static func sealed(_ text: String, from old: String, to new: String) -> String {
    func line(_ sum: String) -> String { "\"\(CodingKeys.recordSHA256.rawValue)\" : \"\(sum)\"" }
    return text.replacing(line(old), with: line(new), maxReplacements: 1)
  }

  /// Whether a file is a provenance as it was written, by nobody changed since.
  package static func isIntact(_ path: String) -> Bool {
    guard let data = try? WholeFile.read(path), let found = try? JSONDecoder().decode(Self.self, from: data),
      found.program == "voxelith", let sum = found.recordSHA256
    else { return false }
    let text = String(decoding: data, as: UTF8.self)
    return (try? SHA256.of(sealed(text, from: sum, to: zeros))) == sum
  }

  /// Checks, before long work begins, that a provenance may take a name.
  ///
  /// - Throws: `cannotCreate` where something of that name is in the way that is no provenance.
  public static func check(_ path: String) throws(VoxelithError) {
    guard FileManager.default.fileExists(atPath: path) else { return }
    guard let data = try? WholeFile.read(path), let found = try? JSONDecoder().decode(Self.self, from: data),
      found.program == "voxelith"
    else {
      throw VoxelithError(
        .cannotCreate, "is in the way and was not written by voxelith", file: path, advice: "move it away")
    }
  }
}
