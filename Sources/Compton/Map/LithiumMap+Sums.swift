public import Volumetry

extension LithiumMap {
  /// Adds up the spectra of all voxels that hold enough counts, without a fit: for maps that merge voxels before they are fitted.
  public func summed(resources: Resources) throws(VoxelithError) -> CountSums {
    var sums = emptySums
    try BlockStream.run(try plan(resources).blocks, stage: "sum", resources: resources) {
      (block) throws(VoxelithError) in
      try self.summed(block.core)
    } consume: { (_, part) throws(VoxelithError) in
      sums.merge(part)
    }
    return sums
  }

  private func summed(_ region: Region) throws(VoxelithError) -> CountSums {
    let visitor = try BinnedLithiumMap(self, options: BinningOptions(.counts(1)))
    var sums = emptySums
    let bins = source.energy.count
    let groups = pixelGroups
    var found: [Int: CountSums.Group] = [:]
    try visitor.forEachVoxel(region) { (_, place, analyzer, fractions, counted, scratch) in
      guard let analyzer, counted.status == .good, counted.total >= max(1, options.minimumCounts) else {
        return
      }
      let pixel = place % (source.grid.shape.y * source.grid.shape.x)
      let index = groups.group(y: pixel / source.grid.shape.x, x: pixel % source.grid.shape.x)
      var own = found.removeValue(forKey: index) ?? CountSums.Group(bins: bins)
      var lanes = [SIMD8<Double>](repeating: .zero, count: scratch.packed.count)
      own.add(scratch.packed.span, to: &lanes)
      own.take(&lanes, bins: analyzer.fitBins)
      if fractions != nil || absorption != nil { analyzer.addExpected(scratch, to: &own) }
      found[index] = own
    }
    for (index, group) in found.sorted(by: { $0.key < $1.key }) { sums.set(group, at: index) }
    return sums
  }
}
