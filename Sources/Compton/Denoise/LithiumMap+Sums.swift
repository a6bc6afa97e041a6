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
    let groups = pixelGroups
    let parts = depthParts
    var counts: [Double] = []
    try visitor.forEachVoxel(region) { (_, place, analyzer, fractions, counted, scratch) in
      guard let analyzer, counted.status == .good, counted.total >= max(1, options.minimumCounts) else {
        return
      }
      let pixel = place % (source.grid.shape.y * source.grid.shape.x)
      let index = groups.group(y: pixel / source.grid.shape.x, x: pixel % source.grid.shape.x)
      counts = [Double](repeating: 0, count: 8 * scratch.packed.count)
      CountPacking.accumulate(scratch.packed.span, into: &counts)
      let part = parts.part(z: place / (source.grid.shape.y * source.grid.shape.x))
      sums.add(counts.span, voxels: 1, bins: analyzer.fitBins, at: index, part: part)
      if fractions != nil || absorption != nil {
        var own = CountSums.Group()
        analyzer.addExpected(scratch, to: &own)
        sums.add(expected: own, at: index, part: part)
      }
    }
    return sums
  }
}
