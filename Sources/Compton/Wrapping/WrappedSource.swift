public import Volumetry

/// Spectra made of others as they are read. What a source of this kind does not say itself is said by its base.
public protocol WrappedSource: SpectralSource {
  var base: any SpectralSource { get }

  /// Changes the counts of a box as the base gives them, or looks at them.
  func pass(_ counts: inout [Float], of region: Region)
}

extension WrappedSource {
  public var grid: Grid { base.grid }
  public var energy: EnergyAxis { base.energy }
  public var acquisition: Acquisition { base.acquisition }
  public var chunkShape: Shape { base.chunkShape }
  public var name: String { base.name }

  public func readCounts(_ region: Region) throws(VoxelithError) -> [Float] {
    var counts: [Float] = []
    try readCounts(region, into: &counts)
    return counts
  }

  public func readCounts(_ region: Region, into counts: inout [Float]) throws(VoxelithError) {
    try base.readCounts(region, into: &counts)
    pass(&counts, of: region)
  }
}
