/// Spectra of all voxels of a grid, held in memory: the special case, for small data.
public struct SpectralVolume: Sendable, SpectralSource {
  public let grid: Grid
  public let energy: EnergyAxis
  public let acquisition: Acquisition
  /// Counts in the order z, y, x, bin (bin fastest).
  public let counts: [Float]
  public var name: String

  /// - Throws: `data` where the number of counts is not that of voxels times bins.
  public init(
    grid: Grid, energy: EnergyAxis, acquisition: Acquisition = Acquisition(), counts: [Float],
    name: String = "spectra in memory"
  ) throws(VoxelithError) {
    guard counts.count == grid.shape.count * energy.count else {
      throw VoxelithError(
        .data,
        "\(counts.count) counts do not fill \(grid.shape) voxels of \(energy.count) bins", file: name)
    }
    self.grid = grid
    self.energy = energy
    self.acquisition = acquisition
    self.counts = counts
    self.name = name
  }

  public var chunkShape: Shape { Shape(z: 1, y: 1, x: 1) }

  public func readCounts(_ region: Region) throws(VoxelithError) -> [Float] {
    guard region.fits(in: grid.shape) else {
      throw VoxelithError(
        .usage, "the region \(region) lies outside \(grid.shape) voxels", file: name)
    }
    let bins = energy.count
    var result: [Float] = []
    result.reserveCapacity(region.count * bins)
    for z in region.z {
      for y in region.y {
        let start = grid.shape.index(z: z, y: y, x: region.x.lowerBound) * bins
        result.append(contentsOf: counts[start..<(start + region.shape.x * bins)])
      }
    }
    return result
  }

  /// The spectrum of one voxel.
  public func spectrum(z: Int, y: Int, x: Int) throws(VoxelithError) -> Spectrum {
    let start = grid.shape.index(z: z, y: y, x: x) * energy.count
    return try Spectrum(
      energy: energy, counts: counts[start..<(start + energy.count)].map(Double.init),
      liveTime: acquisition.liveTime)
  }
}
