package import Results
package import Volumetry

/// A step of a run, ready to be done: files in, a folder of files out.
package struct Stage: Sendable {
  package let name: String
  /// Files that it reads.
  package let inputs: [String]
  /// Everything beside the content of the inputs that the results depend on, encoded: settings, how inputs are opened, and grids.
  package let settings: JSONValue
  package let seeds: [String: UInt64]
  /// Writes everything into the folder that it is given.
  package let run: @Sendable (String, Resources) throws(VoxelithError) -> Void

  /// - Parameter settings: settings by a word that tells whose they are.
  package init(
    _ name: String, inputs: [String], settings: [String: any Encodable] = [:], seeds: [String: UInt64] = [:],
    run: @escaping @Sendable (String, Resources) throws(VoxelithError) -> Void
  ) throws(VoxelithError) {
    var encoded: [String: JSONValue] = [:]
    for (word, value) in settings { encoded[word] = try SettingsCoding.value(value) }
    self.init(name, inputs: inputs, encoded: .object(encoded), seeds: seeds, run: run)
  }

  package init(
    _ name: String, inputs: [String], encoded: JSONValue, seeds: [String: UInt64],
    run: @escaping @Sendable (String, Resources) throws(VoxelithError) -> Void
  ) {
    self.name = name
    self.inputs = inputs
    settings = encoded
    self.seeds = seeds
    self.run = run
  }
}

/// What happened to a stage of a run.
public struct StageOutcome: Codable, Sendable {
  public var name: String
  public var folder: String
  public var seconds: Double
  /// True where the results were there already, made from the same inputs.
  public var wasUpToDate: Bool

  package enum CodingKeys: String, CodingKey {
    case name, folder, seconds
    case wasUpToDate = "was_up_to_date"
  }
}
