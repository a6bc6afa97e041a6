/// A whole lithium map in memory whose voxels were merged into bins; arrays over all voxels in z, y, x order.
public struct BinnedMap: Sendable {
  private var whole = BinnedBox()
  public internal(set) var summary = BinnedSummary()

  public var values: LithiumMap.BlockResult { whole.values }
  /// See ``BinnedBox/labels``.
  public var labels: [UInt32] { whole.labels }
  /// See ``BinnedBox/sizes``.
  public var sizes: [UInt32] { whole.sizes }
  /// See ``BinnedBox/resolution``.
  public var resolution: [Float] { whole.resolution }

  /// Adds a box that follows in the order of the grid.
  mutating func append(_ box: BinnedBox) { whole.append(box) }
}
