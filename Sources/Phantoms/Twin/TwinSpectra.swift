public import Volumetry

/// The XCS measurement of a twin, made voxel by voxel on request: Poisson counts on the expected spectra.
///
/// Each voxel has a random stream of its own, so any box has the same counts however it is asked for.
public struct TwinSpectra: SpectralSource {
  public let grid: Grid
  public let energy: EnergyAxis
  public let acquisition: Acquisition
  public let name = "simulated XCS"
  public let fields: TwinFields
  /// Rates for each column of the detector, or one for all.
  public let rates: [TwinRates]
  private let liveTime: Double
  private let seed: UInt64
  private let hasComponents: Bool
  private let absorber: TwinAbsorber?

  init(
    fields: TwinFields, energy: EnergyAxis, acquisition: Acquisition, rates: [TwinRates], liveTime: Double,
    seed: UInt64, hasComponents: Bool, absorber: TwinAbsorber? = nil
  ) {
    self.fields = fields
    grid = fields.grid
    self.energy = energy
    self.acquisition = acquisition
    self.rates = rates
    self.liveTime = liveTime
    self.seed = seed
    self.hasComponents = hasComponents
    self.absorber = absorber
  }

  public var chunkShape: Shape { Shape(z: 1, y: 1, x: grid.shape.x) }

  /// Expected counts of a voxel.
  public func expected(z: Int, y: Int, x: Int) -> [Double] {
    let voxel = grid.shape.index(z: z, y: y, x: x)
    let rate = rates[rates.count == 1 ? 0 : x]
    let active = Double(fields.active[voxel])
    let lithium = Double(fields.activeLithium[voxel])
    var result = rate.constant.indices.map {
      liveTime * (active * rate.constant[$0] + lithium * rate.slope[$0])
    }
    if hasComponents {
      for (component, spectrum) in zip(fields.components, rate.components) {
        let part = liveTime * Double(component[voxel])
        for bin in result.indices { result[bin] += part * spectrum[bin] }
      }
    }
    if let absorber {
      let through = absorber.transmission(at: grid.center(z: z, y: y, x: x), column: x)
      for bin in result.indices { result[bin] *= through[bin] }
    }
    for bin in result.indices { result[bin] += liveTime * rate.background[bin] }
    return result
  }

  public func readCounts(_ region: Region) throws(VoxelithError) -> [Float] {
    guard region.fits(in: grid.shape) else {
      throw VoxelithError(.usage, "the region \(region) lies outside \(grid.shape) voxels", file: name)
    }
    let bins = energy.count
    var counts = [Float](repeating: 0, count: region.count * bins)
    Parallel.forEachSlab(of: &counts, stride: bins) { index, spectrum in
      let z = region.lower.z + index / (region.shape.y * region.shape.x)
      let y = region.lower.y + index / region.shape.x % region.shape.y
      let x = region.lower.x + index % region.shape.x
      var random = SeededGenerator(seed: seed, stream: UInt64(grid.shape.index(z: z, y: y, x: x)))
      let mean = expected(z: z, y: y, x: x)
      for bin in 0..<bins { spectrum[bin] = Float(random.poisson(max(0, mean[bin]))) }
    }
    return counts
  }
}
