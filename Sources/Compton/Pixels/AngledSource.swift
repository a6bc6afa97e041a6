public import Volumetry

/// Spectra whose scattering angles are told from outside.
public struct AngledSource: SpectralSource {
  private let base: any SpectralSource
  public let acquisition: Acquisition

  public init(_ base: any SpectralSource, angle: ScatteringAngle) {
    self.base = base
    var acquisition = base.acquisition
    acquisition.scatteringAngle = angle
    self.acquisition = acquisition
  }

  public var grid: Grid { base.grid }
  public var energy: EnergyAxis { base.energy }
  public var chunkShape: Shape { base.chunkShape }
  public var name: String { base.name }

  public func readCounts(_ region: Region) throws(VoxelithError) -> [Float] { try base.readCounts(region) }

  public func readCounts(_ region: Region, into counts: inout [Float]) throws(VoxelithError) {
    try base.readCounts(region, into: &counts)
  }
}
