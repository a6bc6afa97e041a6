public import Microstructure
import Readers
public import Volumetry

/// Writes the answer of the structure tensor: `orientation.tif` (channels x, y, z), `anisotropy.tif`
/// and `orientation.json`; with cells also `cell_orientation.tif`, `cell_order.tif` and
/// `cell_anisotropy.tif` on their grid.
public enum OrientationFolder {
  /// What is written for cells: the mean axis (channels x, y, z), the order parameter about it, and the
  /// mean anisotropy.
  public static let cellFiles = ["cell_orientation.tif", "cell_order.tif", "cell_anisotropy.tif"]

  /// - Parameters:
  ///   - writesShape: adds `linearity.tif` and `planarity.tif`.
  ///   - cells: adds ``cellFiles``.
  ///   - copies: adds every volume in another format.
  ///   - outliers: voxels whose values were taken to be others, for the report.
  /// - Throws: `cannotCreate` where an output exists and may not be overwritten; errors of the tensor.
  @discardableResult
  public static func write(
    _ tensor: StructureTensor, statistics options: OrientationStatistics.Options, to folder: String,
    writesShape: Bool = false, cells: CellChoice? = nil, copies: VolumeCopies? = nil,
    outliers: ValueOutliers? = nil, overwrite: Bool,
    resources: Resources
  ) throws(VoxelithError) -> OrientationReport {
    var maps: [(String, OrientationSlab.Field)] = [("anisotropy.tif", .anisotropy)]
    if writesShape { maps += [("linearity.tif", .linearity), ("planarity.tif", .planarity)] }
    try OutputFile.prepareFolder(folder)
    let volumes = maps.map(\.0) + ["orientation.tif"] + (cells == nil ? [] : cellFiles)
    for name in volumes + ["orientation.json"] + (copies?.names(of: volumes) ?? []) {
      try OutputFile.check(folder + "/" + name, overwrite: overwrite)
    }
    let grid = tensor.outputGrid
    var means = try cells.map { (cells) throws(VoxelithError) in
      let coarse = try cells.map(on: tensor.source.grid).coarse
      return OrientationCells(CellMap(fine: grid, coarse: coarse), weighting: options.weighting)
    }
    let directions = try TIFFVolumeWriter(
      path: folder + "/orientation.tif", grid: grid, type: .float32, channels: 3,
      channelNames: ["x", "y", "z"], overwrite: overwrite)
    var writers: [(TIFFVolumeWriter, OrientationSlab.Field)] = []
    for (name, field) in maps {
      writers.append(
        (
          try TIFFVolumeWriter(
            path: folder + "/" + name, grid: grid, type: .float32, overwrite: overwrite), field
        ))
    }
    var statistics = OrientationStatistics(grid: grid, rho: tensor.options.rho, options: options)
    try tensor.run(resources: resources) { (slab) throws(VoxelithError) in
      for (channel, field) in [OrientationSlab.Field.x, .y, .z].enumerated() {
        try directions.write(.float32(slab.field(field)), channel: channel, to: slab.region)
      }
      for (writer, field) in writers {
        try writer.write(.float32(slab.field(field)), to: slab.region)
      }
      try statistics.add(slab, threads: resources.threads)
      means?.add(slab)
    }
    try directions.finish()
    for (writer, _) in writers { try writer.finish() }
    if let means { try write(means, to: folder, overwrite: overwrite) }
    let coarse = means?.map.coarse ?? grid
    try copies?.write(
      volumes.map { ($0, cellFiles.contains($0) ? coarse : grid) }, in: folder, overwrite: overwrite,
      resources: resources)
    var report = OrientationReport(tensor, statistics: statistics)
    report.outliers = outliers
    try JSONOutput.write(report, to: folder + "/orientation.json", overwrite: overwrite)
    return report
  }

  private static func write(
    _ cells: OrientationCells, to folder: String, overwrite: Bool
  ) throws(VoxelithError) {
    let grid = cells.map.coarse
    let whole = Region(whole: grid.shape)
    let axes = try TIFFVolumeWriter(
      path: folder + "/" + cellFiles[0], grid: grid, type: .float32, channels: 3,
      channelNames: ["x", "y", "z"], overwrite: overwrite)
    for channel in 0..<3 {
      let component = cells.volume { $0.eigen.vectors[0][channel] }
      try axes.write(.float32(component.voxels), channel: channel, to: whole)
    }
    try axes.finish()
    let fields = [cells.volume { $0.orderParameter }, cells.meanAnisotropy]
    for (name, field) in zip(cellFiles.dropFirst(), fields) {
      let writer = try TIFFVolumeWriter(
        path: folder + "/" + name, grid: grid, type: .float32, overwrite: overwrite)
      try writer.write(.float32(field.voxels), to: whole)
      try writer.finish()
    }
  }
}

/// The content of `orientation.json`.
public struct OrientationReport: Codable, Sendable {
  public let sigma: Double
  public let rho: Double
  public let truncate: Double
  public let direction: StructureTensorOptions.Direction
  public let mask: String?
  public let maskRole: StructureTensorOptions.MaskRole?
  /// Sides z, y, x of the maps.
  public let shape: [Int]
  public let voxelSize: [Double]
  public let stride: [Int]
  public let weighting: OrientationStatistics.Weighting
  public let minimumAnisotropy: Double
  /// Missing where no voxel has a direction; see `reason`.
  public let summary: OrientationSummary?
  public let reason: String?
  /// Voxels far outside the grey values of all others, which count as the ends of those; none where there are no such.
  public internal(set) var outliers: ValueOutliers?

  enum CodingKeys: String, CodingKey {
    case truncate, direction, mask, weighting, summary, reason, outliers
    case sigma = "sigma_um"
    case rho = "rho_um"
    case maskRole = "mask_role"
    case shape = "shape_zyx"
    case voxelSize = "voxel_size_um"
    case stride = "stride_zyx"
    case minimumAnisotropy = "minimum_anisotropy"
  }

  init(_ tensor: StructureTensor, statistics: OrientationStatistics) {
    let options = tensor.options
    let grid = tensor.outputGrid
    sigma = options.sigma
    rho = options.rho
    truncate = options.truncate
    direction = options.direction
    mask = tensor.mask?.name
    maskRole = tensor.mask == nil ? nil : options.maskRole
    shape = Axis.allCases.map { grid.shape[$0] }
    voxelSize = Axis.allCases.map { grid.spacing(along: $0) }
    stride = Axis.allCases.map { options.stride[$0] }
    weighting = statistics.options.weighting
    minimumAnisotropy = Double(statistics.options.minimumAnisotropy)
    summary = statistics.summary()
    reason =
      summary == nil
      ? "no voxel has a direction: the grey values are constant, the mask is empty, or the least anisotropy is too high"
      : nil
  }
}
