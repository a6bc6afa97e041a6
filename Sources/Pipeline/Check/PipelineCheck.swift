import Compton
import Foundation
import Microstructure
import Readers
import Registration
import Results
public import Volumetry

/// What `voxelith check` says: that a pipeline can run, and what it will take.
public struct PipelineCheck: Codable, Sendable {
  /// A stage with rough figures.
  public struct StageEstimate: Codable, Sendable {
    public var name: String
    public var seconds: Double
    /// Bytes of working arrays at the memory that was asked for.
    public var peakBytes: Int
    /// Bytes of working arrays that do not fit the memory and go to files without a name, for as long as the stage runs.
    public var diskBytes: Int

    enum CodingKeys: String, CodingKey {
      case name, seconds
      case peakBytes = "peak_bytes"
      case diskBytes = "disk_bytes"
    }
  }

  public var stages: [String]
  /// Why a stage is left out, by its name.
  public var leftOut: [String: String]
  public var voxels: Int
  public var bins: Int
  public var shape: [Int]
  /// Voxels of the XCT or the labels, z, y, x; nil where there are none.
  public var fineShape: [Int]?
  public var estimates: [StageEstimate]
  /// The largest of the stages.
  public var peakBytes: Int
  /// Sum over the stages; that of the map from one slice of the data, the others from rates per voxel.
  public var estimatedSeconds: Double
  public var notices: [String]

  enum CodingKeys: String, CodingKey {
    case stages, voxels, bins, shape, notices
    case estimates = "stage_estimates"
    case leftOut = "left_out"
    case fineShape = "fine_shape"
    case peakBytes = "peak_bytes"
    case estimatedSeconds = "estimated_seconds"
  }

  /// Opens every input, makes the calibration and maps one slice to see that everything fits together.
  ///
  /// - Throws: what a run would throw.
  public init(_ pipeline: Pipeline, resources: Resources) throws(VoxelithError) {
    let plan = pipeline.plan
    let calibration = try StandardsFile.calibration(
      pipeline.resolve(pipeline.file.inputs.files.standards), options: try pipeline.file.calibrate.options())
    let source = try pipeline.openXCS()
    let grid = source.grid
    stages = plan.names
    leftOut = plan.leftOut
    voxels = grid.shape.count
    bins = source.energy.count
    shape = [grid.shape.z, grid.shape.y, grid.shape.x]
    notices = [VolumeFile.spacingNotice(grid, file: source.name)].compactMap { $0 }
    var fine: Grid?
    if pipeline.finePath != nil { fine = try pipeline.fineGrid() }
    fineShape = fine.map { [$0.shape.z, $0.shape.y, $0.shape.x] }
    try Self.compare(pipeline, fine: fine, notices: &notices)
    var settings = pipeline.mapSettings(corrected: pipeline.file.inputs.files.fractions != nil)
    // Looking for outliers reads all spectra; one slice is mapped here.
    settings.keepsOutliers = true
    settings.fractions = pipeline.file.inputs.files.fractions.map(pipeline.resolve)
    settings.absorption = nil
    if pipeline.file.map.components == .free { settings.components = .free }
    settings.guide = settings.guide.map(pipeline.resolve)
    settings.shape = settings.shape.map(pipeline.resolve)
    let map = try settings.map(
      source, input: pipeline.spectralInput, calibration: calibration, resources: resources)
    let start = ContinuousClock.now
    let row = Region(
      lower: Shape(z: grid.shape.z / 2, y: 0, x: 0), shape: Shape(z: 1, y: grid.shape.y, x: grid.shape.x))
    _ = try map.map(row)
    let elapsed = start.duration(to: .now)
    let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
    let costs = StageCosts(
      mapSeconds: seconds * Double(grid.shape.z) / Double(max(1, min(resources.threads, grid.shape.z))),
      mapBytes: try map.plan(resources).peakBytes, coarse: grid.shape.count,
      fine: fine?.shape ?? Shape(z: 0, y: 0, x: 0),
      labelled: try pipeline.components().count + 1, variants: try pipeline.variantCount(),
      hasThickness: pipeline.file.pores?.thickness ?? true,
      denoise: plan.has("segment") ? pipeline.segmentSettings.denoise : .none,
      partialVolume: plan.has("segment")
        ? try pipeline.segmentSettings.options().resolvesPartialVolume : false,
      transportAxes: try pipeline.transportSettings().axisList().count,
      mapHolds: try pipeline.file.map.request().bytesPerVoxel, threads: Double(max(1, resources.threads)),
      memory: resources.memory)
    estimates = plan.stages.map { $0.cost(costs).estimate($0.name, memory: resources.memory) }
    peakBytes = estimates.map(\.peakBytes).max() ?? 0
    estimatedSeconds = rounded(estimates.reduce(0) { $0 + $1.seconds }, digits: 2)
    if let largest = estimates.max(by: { $0.diskBytes < $1.diskBytes }) {
      try Self.checkDisk(largest, &notices)
    }
  }

  /// - Throws: `io` where the folder of working files has less room than a stage needs.
  private static func checkDisk(_ stage: StageEstimate, _ notices: inout [String]) throws(VoxelithError) {
    guard stage.diskBytes > 0 else { return }
    let folder = WorkingMemory.defaultFolder
    let values = try? folder.resourceValues(forKeys: [.volumeAvailableCapacityKey])
    let free = values?.volumeAvailableCapacity
    func megabytes(_ bytes: Int) -> String { "\(bytes / 1_000_000 + 1) MB" }
    let wanted =
      "the stage '\(stage.name)' keeps about \(megabytes(stage.diskBytes)) of working arrays on disk"
    if let free, free < stage.diskBytes {
      throw VoxelithError(
        .io, "\(wanted); there are \(megabytes(free))", file: folder.path,
        advice: "set TMPDIR to a folder with room, or raise --memory")
    }
    notices.append("\(wanted), in \(folder.path) (TMPDIR says where)")
  }

  /// Grids, labels and transforms that must go together.
  private static func compare(
    _ pipeline: Pipeline, fine: Grid?, notices: inout [String]
  ) throws(VoxelithError) {
    let inputs = pipeline.file.inputs.files
    let plan = pipeline.plan
    if inputs.labels != nil {
      let labels = try pipeline.openLabels("")
      // One slice tells whether the values are labels at all.
      let middle = labels.grid.shape.z / 2
      _ = try labels.readLabels(Region(slices: middle..<(middle + 1), of: labels.grid.shape))
    }
    let coarse = try pipeline.openXCS().grid.shape
    for (key, name) in [("truth", inputs.truth), ("truth_fractions", inputs.truthFractions)] {
      guard let name else { continue }
      let path = pipeline.resolve(name)
      let shape =
        try (key == "truth" ? [try VolumeFile.open(path)] : FractionFile.open(path)).first?.grid.shape
        ?? coarse
      guard shape == coarse else {
        throw pipeline.bad("inputs.\(key)", "has \(shape) voxels (z, y, x), the spectra \(coarse)")
      }
    }
    for name in [inputs.truthTransform, pipeline.file.given.transform].compactMap({ $0 }) {
      _ = try SpatialTransform.read(path: pipeline.resolve(name))
    }
    if plan.has("maps") {
      let grid = try pipeline.coarseGrid()
      for (settings, volume) in pipeline.resolvedMaps {
        let map = try GivenMap(settings, input: volume)
        if let transform = settings.transform { _ = try SpatialTransform.read(path: transform) }
        try map.check(onto: grid, on: settings.transform == nil ? (settings.isOnTomogram ? fine : grid) : nil)
      }
    }
    guard plan.has("register"), let fine else { return }
    let target = try pipeline.coarseGrid()
    let needed = 4 * (try TransformModel(degreesOfFreedom: pipeline.file.register.dof).parameterCount + 2)
    if pipeline.file.given.transform == nil, target.shape.count < needed {
      throw pipeline.bad(
        "register", "\(target.shape.count) XCS voxels cannot determine a transform",
        "at least \(needed) are needed")
    }
    if fine.spacing.max() > target.spacing.min() {
      notices.append("the XCT voxels are larger than those of the spectra: fractions will be rough")
    }
    if fine.extent.min() < 0.25 * target.extent.min() || target.extent.min() < 0.05 * fine.extent.min() {
      notices.append(
        "XCT and XCS differ much in size (\(text(fine.extent)) against \(text(target.extent)) µm): check the voxel sizes"
      )
    }
    if pipeline.file.register.pointSpread == nil {
      notices.append(
        "register.psf_fwhm_um is not given: the XCS is assumed to have no blur beyond its voxel size")
    }
  }

  private static func text(_ size: SIMD3<Double>) -> String {
    [size.z, size.y, size.x].map { "\(rounded($0, digits: 4))" }.joined(separator: " x ")
  }
}
