public import Volumetry

/// Spectra whose numbers become counts by one factor.
public struct ScaledSource: SpectralSource {
  private let base: any SpectralSource
  private let factor: Float
  public let acquisition: Acquisition

  /// - Parameters:
  ///   - factor: counts in one unit of the source's numbers.
  ///   - timeFactor: what multiplies the live time, where the numbers hold less statistics than counts of that time.
  public init(_ base: any SpectralSource, factor: Double, timeFactor: Double = 1) {
    self.base = base
    self.factor = Float(factor)
    var acquisition = base.acquisition
    acquisition.liveTime = acquisition.liveTime.map { $0 * timeFactor }
    self.acquisition = acquisition
  }

  public var grid: Grid { base.grid }
  public var energy: EnergyAxis { base.energy }
  public var chunkShape: Shape { base.chunkShape }
  public var name: String { base.name }

  public func readCounts(_ region: Region) throws(VoxelithError) -> [Float] {
    var counts: [Float] = []
    try readCounts(region, into: &counts)
    return counts
  }

  public func readCounts(_ region: Region, into counts: inout [Float]) throws(VoxelithError) {
    try base.readCounts(region, into: &counts)
    for index in counts.indices { counts[index] *= factor }
  }
}
