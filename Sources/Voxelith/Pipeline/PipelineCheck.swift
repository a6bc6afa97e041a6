import Compton
import Readers
public import Volumetry

/// What `voxelith check` says: that a pipeline can run, and what it will take.
public struct PipelineCheck: Codable, Sendable {
  public var stages: [String]
  public var voxels: Int
  public var bins: Int
  public var shape: [Int]
  /// Bytes of working arrays at the memory that was asked for.
  public var peakBytes: Int
  /// Rough seconds of the map on this machine, from the first blocks of the data.
  public var estimatedSeconds: Double
  public var notices: [String]

  enum CodingKeys: String, CodingKey {
    case stages, voxels, bins, shape, notices
    case peakBytes = "peak_bytes"
    case estimatedSeconds = "estimated_seconds"
  }

  /// Opens every input, makes the calibration and maps one slice to see that everything fits together.
  ///
  /// - Throws: what a run would throw.
  public init(_ pipeline: Pipeline, resources: Resources) throws(VoxelithError) {
    let set = try StandardsFile.load(pipeline.resolve(pipeline.file.inputs.standards))
    let calibration = try Calibration(set)
    let source = try SpectralFile.open(
      pipeline.resolve(pipeline.file.inputs.xcs), options: pipeline.spectralOptions)
    let map = try LithiumMap(
      source: source, calibration: calibration, options: MapOptions(method: pipeline.method))
    let plan = try map.plan(resources)
    let grid = source.grid
    stages = pipeline.stageNames
    voxels = grid.shape.count
    bins = source.energy.count
    shape = [grid.shape.z, grid.shape.y, grid.shape.x]
    peakBytes = plan.peakBytes
    notices = [VolumeFile.spacingNotice(grid, file: source.name)].compactMap { $0 }
    let start = ContinuousClock.now
    let row = Region(
      lower: Shape(z: grid.shape.z / 2, y: 0, x: 0), shape: Shape(z: 1, y: grid.shape.y, x: grid.shape.x))
    _ = try map.map(row)
    let elapsed = start.duration(to: .now)
    let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
    estimatedSeconds = rounded(
      seconds * Double(grid.shape.z) / Double(max(1, min(resources.threads, grid.shape.z))), digits: 2)
  }
}
