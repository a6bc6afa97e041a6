public import Volumetry

/// Counts of all voxels, noted while a map reads their spectra, so that looking for outliers does not read them once more.
public final class CountWatch: Sendable {
  private let totals: Guarded<PagedArray<Float>>
  let shape: Shape

  /// - Throws: errors of working memory.
  public init(_ shape: Shape, resources: Resources) throws(VoxelithError) {
    self.shape = shape
    totals = Guarded(
      try PagedArray<Float>(
        repeating: 0, count: shape.count,
        in: WorkingMemory.holding(4 * shape.count, budget: resources.memory / 4)))
  }

  func note(_ counts: Span<Float>, bins: Int, region: Region) {
    let sums = CountOutliers.totals(counts, bins: bins, voxels: region.count)
    totals.withLock { $0.paste(sums, into: region, of: shape) }
  }

  /// What stands out, once all voxels have been read.
  public func outliers() throws(VoxelithError) -> CountOutliers {
    try CountOutliers(totals: totals.withLock { $0 }, shape: shape)
  }
}

/// Spectra whose counts are noted as they are read.
public struct WatchedSource: WrappedSource {
  public let base: any SpectralSource
  private let watch: CountWatch

  public init(_ base: any SpectralSource, watch: CountWatch) {
    self.base = base
    self.watch = watch
  }

  public func pass(_ counts: inout [Float], of region: Region) {
    watch.note(counts.span, bins: energy.count, region: region)
  }
}

/// What was done about outliers of a map: masked before it was made, or watched for while it is made.
public struct MapScreening: Sendable {
  /// What was found, for people; nil where there is nothing.
  public var notice: String?
  private let watch: CountWatch?
  private let remade: @Sendable (CountOutliers) throws(VoxelithError) -> LithiumMap

  public init(notice: String?) {
    self.notice = notice
    watch = nil
    remade = { (_) throws(VoxelithError) in throw VoxelithError(.internal, "nothing was watched") }
  }

  /// - Parameter remade: the map without the outliers.
  public init(
    _ watch: CountWatch, remade: @escaping @Sendable (CountOutliers) throws(VoxelithError) -> LithiumMap
  ) {
    self.watch = watch
    self.remade = remade
  }

  /// The map without its outliers, once it has been made with them; nil where there are none.
  public func withoutOutliers() throws(VoxelithError) -> LithiumMap? {
    guard let outliers = try watch?.outliers(), !outliers.isEmpty else { return nil }
    return try remade(outliers)
  }
}
