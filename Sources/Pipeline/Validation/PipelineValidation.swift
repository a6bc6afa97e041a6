import Foundation
import Phantoms
import Readers
import Results
public import Volumetry

/// Do the numbers of the whole pipeline hold? Twins with known truth go through it from XCT and spectra to relations.
public struct PipelineValidation: Sendable {
  public struct Settings: Codable, Sendable {
    /// Twins, with seeds from `firstSeed` on.
    public var seeds = 20
    public var firstSeed: UInt64 = 1
    /// Voxels of the XCT (z, y, x) of a made-up cathode, and their size in um; `labels` takes their place.
    public var shape = [72, 88, 88]
    public var voxelSize = 5.0
    /// A label volume to make the twins of, in place of made-up cathodes: every twin has its own noise and lithium.
    public var labels: String?
    public var activeLabel = 1
    /// XCT voxels along the side of an XCS voxel.
    public var ratio = 8
    public var counts = 1e6
    /// Standard deviation of the XCS point spread in um.
    public var pointSpread = 5.0
    /// Rotation in degrees of the XCS against the XCT.
    public var rotation = [2.0, -3, 4]
    /// Whether the pipeline finds the phases in the grey values; else it takes the true labels. With thresholds the
    /// cathode has no binder, which they cannot tell from blurred faces.
    public var segments = false
    /// Change of x by one of the active fraction; 0 for twins without a relation.
    public var slope = 0.0
    public var replicates = 300

    enum CodingKeys: String, CodingKey {
      case seeds, shape, labels, ratio, counts, segments, slope, replicates
      case firstSeed = "first_seed"
      case voxelSize = "voxel_size_um"
      case activeLabel = "active_label"
      case pointSpread = "psf_um"
      case rotation = "rotation_deg"
    }

    public init() {}

    /// - Throws: `usage` for numbers that make no sense.
    public func validate() throws(VoxelithError) {
      guard seeds >= 1, seeds <= 10_000, ratio >= 1, counts > 0, voxelSize > 0, pointSpread >= 0,
        replicates >= 10, shape.count == 3, shape.allSatisfy({ $0 >= 2 * ratio }), rotation.count == 3
      else {
        throw VoxelithError(
          .usage, "the twins cannot be made",
          advice: "give one seed or more, positive counts and sizes, and two XCS voxels along every side")
      }
    }
  }

  public let settings: Settings

  public init(_ settings: Settings) throws(VoxelithError) {
    try settings.validate()
    self.settings = settings
  }

  /// Runs all twins in `folder`, of which nothing is left.
  public func run(in folder: String, resources: Resources) throws(VoxelithError) -> PipelineCoverage {
    var outcomes: [TwinOutcome] = []
    for index in 0..<settings.seeds {
      resources.progress.report("twins", done: index, of: settings.seeds, unit: "twins")
      try resources.cancellation.check()
      let place = folder + "/twin-\(index)"
      defer { try? FileManager.default.removeItem(atPath: place) }
      outcomes.append(try outcome(settings.firstSeed + UInt64(index), in: place, resources: resources))
    }
    resources.progress.report("twins", done: settings.seeds, of: settings.seeds, unit: "twins")
    return PipelineCoverage(settings, outcomes)
  }

  private func outcome(
    _ seed: UInt64, in folder: String, resources: Resources
  ) throws(VoxelithError) -> TwinOutcome {
    var twin = TwinSettings()
    twin.seed = seed
    twin.counts = settings.counts
    twin.isMixture = true
    twin.ratio = settings.ratio
    twin.rotation = SIMD3(settings.rotation[0], settings.rotation[1], settings.rotation[2])
    twin.pointSpread = settings.pointSpread
    twin.activeLabel = settings.activeLabel
    twin.lithiumOnActive = settings.slope
    let labels: any VolumeSource
    if let path = settings.labels {
      labels = try VolumeFile.open(
        path, options: VolumeOpenOptions(voxelSize: SIMD3(repeating: settings.voxelSize)))
    } else {
      labels = try CathodePhantom(
        grid: Grid(
          shape: Shape(z: settings.shape[0], y: settings.shape[1], x: settings.shape[2]),
          spacing: SIMD3(repeating: settings.voxelSize)), pores: .directional,
        binderFraction: settings.segments ? 0 : 0.1, tilt: 20, seed: seed)
    }
    var pores = PoresSettings()
    pores.correlation = false
    try TwinFolder.write(
      try Twin(labels: labels, settings: twin, resources: resources), to: folder + "/twin",
      segments: settings.segments, pores: pores, overwrite: true, resources: resources)
    let results = folder + "/results"
    _ = try Pipeline(folder + "/twin/pipeline.yaml").run(
      into: results, overwrite: true, command: ["validate"], resources: resources)
    return try TwinOutcome(seed: seed, twin: folder + "/twin", results: results)
  }
}
