extension Block {
  /// A block without a halo, for work that is cut by something else than a ``BlockPlan``.
  public init(index: Int, region: Region) {
    self.init(index: index, core: region, padded: region)
  }
}
