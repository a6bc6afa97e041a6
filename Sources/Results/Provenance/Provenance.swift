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
  public var parameters: [String: String]
  /// SHA-256 of every input, by path.
  public var inputs: [String: String]
  public var seeds: [String: UInt64]
  /// Seconds per stage.
  public var seconds: [String: Double]
  public var started: String
  public var host: Host

  public struct Host: Codable, Sendable {
    public var system: String
    public var cores: Int
    public var threads: Int
  }

  enum CodingKeys: String, CodingKey {
    case program, version, command, directory, parameters, seeds, started, host
    case inputs = "inputs_sha256"
    case seconds = "seconds_per_stage"
  }

  /// - Throws: `missing` and `io` where an input cannot be read.
  public init(
    command: [String], parameters: [String: String] = [:], inputs: [String], seeds: [String: UInt64] = [:],
    threads: Int
  ) throws(VoxelithError) {
    program = "voxelith"
    version = PackageVersion.current
    self.command = command
    directory = FileManager.default.currentDirectoryPath
    self.parameters = parameters
    self.seeds = seeds
    var hashes: [String: String] = [:]
    for path in inputs { hashes[path] = try SHA256.of(file: path) }
    self.inputs = hashes
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

  /// Writes `provenance.json` into a folder.
  public func write(to folder: String, overwrite: Bool) throws(VoxelithError) {
    try JSONOutput.write(self, to: folder + "/provenance.json", overwrite: overwrite)
  }
}
