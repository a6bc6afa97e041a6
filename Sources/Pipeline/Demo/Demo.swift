import Foundation
public import Phantoms
import Readers
public import Results
public import Volumetry

/// A twin and the whole pipeline on it.
public struct Demo: Codable, Sendable {
  public var folder: String
  public var stages: [StageOutcome]
  public var map: MapReport
  public var summary: PipelineSummary

  /// Rotation about x, y, z in degrees and shift in um of the XCS against the XCT.
  public static let rotation = SIMD3(2.0, -3.0, 5.0)
  public static let translation = SIMD3(30.0, -20.0, 15.0)

  /// Makes the twin in `folder/twin` and runs its pipeline into `folder/results`.
  ///
  /// The twin is active material in electrolyte, its XCS blurred, turned and shifted against its XCT.
  ///
  /// - Throws: `cannotCreate` where the folders exist and may not be overwritten.
  public static func run(
    into folder: String, preset: CathodePhantom.Pores, seed: UInt64, shape: Shape? = nil, overwrite: Bool,
    command: [String], resources: Resources
  ) throws(VoxelithError) -> Demo {
    let twinFolder = folder + "/twin"
    var settings = TwinSettings()
    settings.seed = seed
    settings.isMixture = true
    settings.rotation = rotation
    settings.translation = translation
    settings.pointSpread = 15
    let grid = Grid(shape: shape ?? Shape(z: 120, y: 160, x: 160), spacing: SIMD3(repeating: 5))
    let labels = try CathodePhantom(
      grid: grid, pores: preset, binderFraction: 0, tilt: 20, seed: seed)
    var provenance = try Provenance(
      command: command, inputs: [], seeds: ["twin": seed], threads: resources.threads)
    Ownership.begin(root: twinFolder, inputs: [])
    do throws(VoxelithError) {
      try TwinFolder.write(
        try Twin(labels: labels, settings: settings, resources: resources), to: twinFolder, segments: true,
        overwrite: overwrite, resources: resources)
      provenance.outputsSHA256 = try Ownership.outputs(in: twinFolder)
      try provenance.write(to: twinFolder, overwrite: true)
      Ownership.end()
    } catch {
      Ownership.end(isComplete: false)
      throw error
    }
    let results = folder + "/results"
    let stages = try Pipeline(twinFolder + "/pipeline.yaml").run(
      into: results, overwrite: overwrite, command: command, resources: resources)
    return Demo(
      folder: folder, stages: stages, map: try ResultFile.read(MapReport.self, results + "/map/map.json"),
      summary: try ResultFile.read(PipelineSummary.self, results + "/report/summary.json"))
  }
}
