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
      var cells = b
      for (rank, voxel) in Self.order(field).enumerated() { cells[voxel] = sorted[rank] }
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

  /// Places of values of single precision from the least to the largest, equal ones as they stand.
  private static func order(_ values: [Double]) -> [Int] {
    values.indices.map { place -> UInt64 in
      // The bits of a number that is not negative are in its order, those of others in the opposite one; both zeros are one.
      let bits = (Float(values[place]) + 0).bitPattern
      let key = bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits
      return UInt64(key) << 32 | UInt64(place)
    }.sorted().map { Int($0 & 0xFFFF_FFFF) }
  }
}
