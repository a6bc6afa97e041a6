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
  /// Which voxels each file lacks, for an exposure that was stopped: they are those of the others.
  private let lacks: [[Bool]?]
  public let absent: [Bool]?

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
    let lacks = parts.map(\.absent)
    self.lacks = lacks
    absent = Self.common(lacks, count: first.grid.shape.count)
    let pooled = try PoolRules.acquisition(parts, on: first.grid) { voxel in
      zip(parts, lacks).reduce(0) { sum, part in
        part.1?[voxel] == true ? sum : sum + PoolRules.seconds(part.0, voxel: voxel)
      }
    }
    acquisition = pooled.acquisition
    origins = PoolRules.origins(parts, grid: first.grid, scan: scan, options: options, time: pooled.origin)
  }

  /// The voxels that all files lack; nil where there are none.
  private static func common(_ lacks: [[Bool]?], count: Int) -> [Bool]? {
    guard !lacks.contains(where: { $0 == nil }) else { return nil }
    let all = (0..<count).map { voxel in lacks.allSatisfy { $0?[voxel] == true } }
    return all.contains(true) ? all : nil
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
    clearAbsent(region, &counts)
  }

  /// Makes the counts of voxels that no file holds NaN.
  package func clearAbsent(_ region: Region, _ counts: inout [Float]) {
    guard let absent else { return }
    forEach(region, of: absent) { place in
      for bin in (place * energy.count)..<((place + 1) * energy.count) { counts[bin] = .nan }
    }
  }

  /// The voxels of a region that a mask holds, by their number in the region.
  private func forEach(_ region: Region, of mask: [Bool], _ body: (Int) -> Void) {
    var place = 0
    region.forEachVoxel { z, y, x in
      if mask[grid.shape.index(z: z, y: y, x: x)] { body(place) }
      place += 1
    }
  }

  /// Adds the counts of some of the files; nothing for voxels that a file lacks.
  package func add(
    _ some: ArraySlice<any DescribedSpectra>, of region: Region, to counts: inout [Float]
  ) throws(VoxelithError) {
    var own: [Float] = []
    for (index, part) in zip(some.indices, some) {
      try part.readCounts(region, into: &own)
      if let lack = lacks[index] {
        forEach(region, of: lack) { place in
          for bin in (place * energy.count)..<((place + 1) * energy.count) where bin < own.count {
            own[bin] = 0
          }
        }
      }
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
