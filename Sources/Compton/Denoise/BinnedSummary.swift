import Volumetry

/// Numbers over all voxels and bins of a binned map.
public struct BinnedSummary: Sendable {
  /// Over the voxels; in what is weighted by errors a bin is one value.
  public private(set) var voxels = MapSummary()
  public private(set) var bins = 0
  /// Bins with a value.
  public private(set) var independentValues = 0
  /// Bins whose sigma(x) exceeds what was asked for by more than a twentieth; 0 where counts were asked for.
  public private(set) var short = 0
  /// Medians over the bins: voxels, and sigma(x) of those with a value; NaN for none.
  public internal(set) var medianVoxels = Double.nan
  public internal(set) var medianSigma = Double.nan
  /// Median over the voxels of ``BinnedBox/resolution``; NaN for none.
  public private(set) var medianResolution = Double.nan

  init(voxels: MapSummary = MapSummary(), medianResolution: Double = .nan) {
    self.voxels = voxels
    self.medianResolution = medianResolution
  }

  /// Adds a bin that follows in their order.
  mutating func add(_ result: VoxelResult, voxels count: Int) {
    voxels.add(result, voxels: count)
    bins += 1
    if result.fit.sigma.isFinite { independentValues += 1 }
  }

  /// Counts the bins that fell short.
  mutating func count(_ sigmas: PagedArray<Double>, above limit: Double) {
    sigmas.memory.inBlocks(of: sigmas.count, bytes: MemoryLayout<Double>.stride) { block in
      for bin in block where sigmas[bin] > limit { short += 1 }
    }
  }
}
