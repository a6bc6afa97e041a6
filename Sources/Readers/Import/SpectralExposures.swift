public import Volumetry

/// Exposures of the same voxels, file by file, as one source: counts and live times are added up.
///
/// All files have one grid, so a box is read from each in turn and no list of voxels is kept.
public final class SpectralExposures: PooledSpectra {
  public let grid: Grid
  public let energy: EnergyAxis
  public let acquisition: Acquisition
  public let origins: [GeometryOrigin]
  public let scan: ScanReport?
  public let chunkShape: Shape
  public let name: String
  public let parts: [any DescribedSpectra]

  /// - Throws: `data` where the files have other energies, grids, beams or angles, or only some tell a live time; `usage` where
  ///   there is no file.
  public init(
    _ parts: [any DescribedSpectra], options: SpectralOpenOptions
  ) throws(VoxelithError) {
    try PoolRules.check(parts)
    let first = parts[0]
    for part in parts where part.grid != first.grid {
      throw VoxelithError(
        .data, "the voxels are not those of \(first.name)", file: part.name,
        advice: "exposures that are added up have one grid")
    }
    self.parts = parts
    grid = first.grid
    energy = first.energy
    chunkShape = first.chunkShape
    name = PoolRules.name(parts)
    let scan = ScanReport(exposures: parts.count, shape: first.grid.shape)
    self.scan = scan
    let pooled = try PoolRules.acquisition(parts, on: first.grid) { voxel in
      parts.reduce(0) { $0 + PoolRules.seconds($1, voxel: voxel) }
    }
    acquisition = pooled.acquisition
    origins = PoolRules.origins(parts, grid: first.grid, scan: scan, options: options, time: pooled.origin)
  }

  public func readCounts(_ region: Region) throws(VoxelithError) -> [Float] {
    var counts: [Float] = []
    try readCounts(region, into: &counts)
    return counts
  }

  public func readCounts(_ region: Region, into counts: inout [Float]) throws(VoxelithError) {
    guard region.fits(in: grid.shape) else {
      throw VoxelithError(.usage, "the region \(region) lies outside \(grid.shape) voxels", file: name)
    }
    counts = [Float](repeating: 0, count: region.count * energy.count)
    try add(parts[...], of: region, to: &counts)
  }

  /// Adds the counts of some of the files.
  package func add(
    _ some: ArraySlice<any DescribedSpectra>, of region: Region, to counts: inout [Float]
  ) throws(VoxelithError) {
    var own: [Float] = []
    for part in some {
      try part.readCounts(region, into: &own)
      guard own.count == counts.count else {
        throw VoxelithError(.internal, "a source gave \(own.count) counts", file: part.name)
      }
      Self.add(own.span, to: &counts)
    }
  }

  private static func add(_ values: Span<Float>, to counts: inout [Float]) {
    var sums = counts.mutableSpan
    for index in values.indices { sums[index] += values[index] }
  }
}

extension SpectralExposures: GrowingSource {
  var writingNotice: String? { PoolRules.writingNotice(parts) }
}
