/// A lithium map whose voxels were merged into bins; arrays over all voxels in z, y, x order.
///
/// The voxels of a bin share one x and one error: a map has as many independent values as it has bins.
public struct BinnedMap: Sendable {
  public internal(set) var values: LithiumMap.BlockResult
  /// Number of each voxel's bin from 1; 0 for none.
  public internal(set) var labels: [UInt32]
  /// Voxels of each voxel's bin; 0 for none.
  public internal(set) var sizes: [UInt32]
  /// Full width in um at half maximum of a Gaussian as wide as the bin (second moment, mean of the axes, with the box of
  /// each voxel); NaN for none.
  public internal(set) var resolution: [Float]
  public internal(set) var summary: MapSummary
  /// Numbers for each bin: voxels and sigma(x) (NaN where the fit has no value).
  public internal(set) var binSizes: [Int]
  public internal(set) var binSigmas: [Double]
  /// The sigma(x) that was asked for; nil where counts were.
  public internal(set) var wantedSigma: Double?

  /// Bins with a value.
  public var independentValues: Int { binSigmas.count { $0.isFinite } }
  /// Bins whose sigma(x) exceeds what was asked for by more than a twentieth.
  public var short: Int { wantedSigma.map { wanted in binSigmas.count { $0 > 1.05 * wanted } } ?? 0 }
}
