import Volumetry

extension MutualInformation {
  /// Mutual information of a pair with a p value and an interval that know that voxels are neighbours.
  ///
  /// Surrogates of y tell what there is by chance (`NullScatter`).
  ///
  /// - Parameters:
  ///   - effective: number of independent voxels, for the cells.
  ///   - surrogates: how many fields without relation are looked at.
  init(
    _ pair: FieldPair, effective: Double, surrogates count: Int, seed: UInt64, confidence: Double,
    resources: Resources
  ) throws(VoxelithError) {
    let k = Self.bins(effective)
    let a = Self.cells(pair.x, k)
    let b = Self.cells(pair.y, k)
    let n = Double(pair.count)
    let scores = Correlations.ranks(pair.y).map { Distributions.normalQuantile(($0 - 0.5) / n) }
    let surrogates = try SpatialSurrogates(of: [scores], on: pair, seed: seed)
    let sorted = b.sorted()
    let reached = try Parallel.map(count, threads: resources.threads) { (number) throws(VoxelithError) in
      let field = try surrogates.columns(number)[0]
      let order = field.indices.sorted { (field[$0], $0) < (field[$1], $1) }
      var cells = b
      for (rank, voxel) in order.enumerated() { cells[voxel] = sorted[rank] }
      return JointCells(a, cells, bins: k).information
    }
    let own = JointCells(a, b, bins: k).information
    let scatter = NullScatter(reached, least: 0.5 / max(1, effective))
    let found = scatter.interval(of: own, confidence: confidence)
    self.init(uncorrected: own, nats: found.value, bins: k)
    interval = found
    pValue = Double(reached.count { $0 >= own } + 1) / Double(count + 1)
    self.surrogates = count
  }
}
