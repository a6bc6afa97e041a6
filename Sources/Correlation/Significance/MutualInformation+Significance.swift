import Volumetry

extension MutualInformation {
  /// Mutual information of a pair with a p value and an interval that know that voxels are neighbours.
  ///
  /// The p value counts surrogates of y with its autocorrelation; the interval is that of the block bootstrap, whose
  /// own bias is taken off.
  init(
    _ pair: FieldPair, effective: Double, bootstrap: BlockBootstrap, stretch: Double, confidence: Double,
    resources: Resources
  ) throws(VoxelithError) {
    self.init(pair.x, pair.y, effectiveCount: effective)
    let k = bins
    let a = Self.cells(pair.x, k)
    let b = Self.cells(pair.y, k)
    let count = min(bootstrap.replicates, 499)
    let surrogates = try SpatialSurrogates(of: pair.y, on: pair, seed: bootstrap.seed)
    let sorted = b.sorted()
    let reached = try Parallel.map(count, threads: resources.threads) { (number) throws(VoxelithError) in
      let field = try surrogates.field(number)
      let order = field.indices.sorted { (field[$0], $0) < (field[$1], $1) }
      var cells = b
      for (rank, voxel) in order.enumerated() { cells[voxel] = sorted[rank] }
      return JointCells(a, cells, bins: k).information
    }
    let own = uncorrected
    let greater = reached.count { $0 >= own }
    pValue = Double(greater + 1) / Double(count + 1)
    self.surrogates = count
    let replicates = try bootstrap.values(of: pair, resources: resources) { chosen in
      JointCells(a, b, bins: k, chosen: chosen).information
    }
    let shift = nats - mean(replicates)
    let spread = BlockBootstrap.interval(
      value: nats, replicates: replicates.map { $0 + shift }, stretch: stretch, confidence: confidence)
    interval = Estimate(value: nats, low: max(0, spread.low), high: max(0, spread.high))
  }
}
