import Foundation
public import Phantoms
import Readers
public import Volumetry

/// A twin and the whole pipeline on it.
public struct Demo: Codable, Sendable {
  public var folder: String
  public var stages: [StageOutcome]
  public var map: MapReport
  public var truth: TruthComparison

  /// Makes the twin in `folder/twin` and runs its pipeline into `folder/results`.
  ///
  /// - Throws: `cannotCreate` where the folders exist and may not be overwritten.
  public static func run(
    into folder: String, preset: CathodePhantom.Pores, seed: UInt64, overwrite: Bool, command: [String],
    resources: Resources
  ) throws(VoxelithError) -> Demo {
    let twinFolder = folder + "/twin"
    var settings = TwinSettings()
    settings.seed = seed
    let grid = Grid(shape: Shape(z: 120, y: 160, x: 160), spacing: SIMD3(repeating: 5))
    let labels = try CathodePhantom(grid: grid, pores: preset, seed: seed)
    let provenance = try Provenance(
      command: command, inputs: [], seeds: ["twin": seed], threads: resources.threads)
    try TwinFolder.write(
      try Twin(labels: labels, settings: settings, resources: resources), to: twinFolder,
      overwrite: overwrite, resources: resources)
    try provenance.write(to: twinFolder, overwrite: true)
    let results = folder + "/results"
    let stages = try Pipeline(twinFolder + "/pipeline.yaml").run(
      into: results, overwrite: overwrite, command: command, resources: resources)
    return Demo(
      folder: folder, stages: stages, map: try read(MapReport.self, results + "/map/map.json"),
      truth: try read(TruthComparison.self, results + "/map/truth.json"))
  }

  private static func read<Value: Decodable>(_ type: Value.Type, _ path: String) throws(VoxelithError)
    -> Value
  {
    guard let data = FileManager.default.contents(atPath: path),
      let value = try? JSONDecoder().decode(type, from: data)
    else { throw VoxelithError(.internal, "a result cannot be read back", file: path) }
    return value
  }
}
