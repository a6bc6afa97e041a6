import Volumetry

extension BinnedLithiumMap {
  /// Where the bins lie, and what their fits found.
  struct Fitted {
    let extents: PagedArray<BinExtents.Extent>
    let values: PagedArray<BinValues>
  }

  /// Adds up the bins slice by slice, band by band of rows; each is fitted when its last voxel was added.
  func fit(
    _ labels: PagedArray<Int32>, count: Int, resources: Resources
  ) throws(VoxelithError) -> Fitted {
    let shape = map.source.grid.shape
    let extents = try BinExtents(labels, bins: count, grid: map.source.grid)
    let bands = extents.bands(bins: openBins(resources), labels: labels, shape: shape)
    let blocks = bands.indices.flatMap { band in
      (0..<shape.z).map { z in
        let rows = bands[band].rows
        return Block(
          index: band * shape.z + z,
          region: Region(
            lower: Shape(z: z, y: rows.lowerBound, x: 0), shape: Shape(z: 1, y: rows.count, x: shape.x)))
      }
    }
    let table = extents.table
    let values = try PagedArray<BinValues>(
      repeating: BinValues(VoxelResult(fit: VoxelFit(status: .empty))), count: count, in: labels.memory)
    let rows = rowsAtOnce(resources)
    var open: [Int: BinAccumulator] = [:]
    try BlockStream.run(blocks, stage: "bin", resources: resources) { (block) throws(VoxelithError) in
      let own = bands.count > 1 ? bands[block.index / shape.z].first : nil
      return try accumulate(block.core, rows: rows, labels: labels) { bin in
        own?.contains(Int(table[bin].row)) ?? true
      }
    } consume: { (block, parts) throws(VoxelithError) in
      var done: [(bin: Int, sums: BinAccumulator)] = []
      for (bin, part) in parts {
        open[bin, default: BinAccumulator()].add(part)
        if Int(table[bin].last) == block.core.lower.z, let sums = open.removeValue(forKey: bin) {
          done.append((bin, sums))
        }
      }
      let closed = done
      let fitted = try Parallel.map(closed.count, threads: resources.threads) {
        (index) throws(VoxelithError) in
        BinValues(closed[index].sums.result())
      }
      for (index, value) in fitted.enumerated() { values[closed[index].bin] = value }
      labels.memory.touched(
        Self.bytes(of: parts.keys, of: BinExtents.Extent.self)
          + Self.bytes(of: closed.lazy.map(\.bin), of: BinValues.self))
    }
    return Fitted(extents: table, values: values)
  }

  /// Bytes that come in with elements of an array: a piece for each, or all between the first and the last.
  private static func bytes<Element>(of indices: some Collection<Int>, of type: Element.Type) -> Int {
    guard let first = indices.min(), let last = indices.max() else { return 0 }
    let piece = 1 << 16
    return min(indices.count * piece, (last - first + 1) * MemoryLayout<Element>.stride + 2 * piece)
  }

  /// Bins that a slice may cut for a quarter of the budget: results wait for every thread and one more, two are
  /// with the consumer, and the open bins are as many again.
  private func openBins(_ resources: Resources) -> Int {
    let bins = map.source.energy.count
    let components = map.calibration.methods.profile.components.count
    let spectra = isAlike ? 1 : 14 + 4 * components
    let bytes =
      2 * MemoryLayout<BinAccumulator>.stride + 512 + MemoryLayout<Float>.stride * bins * spectra
      + map.analyzers.bytesOnDemand
    return max(1, resources.memory / 4 / (resources.threads + 4) / bytes)
  }

  /// Rows that a thread reads at a time: of 32 MB of counts, or what its part of an eighth of the budget holds of counts
  /// twice, as they are read and as they are used.
  private func rowsAtOnce(_ resources: Resources) -> Int {
    let row = MemoryLayout<Float>.stride * map.source.grid.shape.x * map.source.energy.count
    let rows = max(1, min(32 << 20, resources.memory / 16 / resources.threads) / max(1, row))
    let chunk = max(1, map.source.chunkShape.y)
    return rows > chunk ? rows / chunk * chunk : rows
  }

  /// Whether all voxels expect the same spectra.
  private var isAlike: Bool { map.analyzers.geometry.keys.count == 1 && map.absorption == nil }

  /// The bins' parts in rows of one slice.
  private func accumulate(
    _ region: Region, rows: Int, labels: PagedArray<Int32>, where isOwn: (_ bin: Int) -> Bool
  ) throws(VoxelithError) -> [Int: BinAccumulator] {
    let isAlike = isAlike
    let bins = map.source.energy.count
    var parts: [Int: BinAccumulator] = [:]
    for y in stride(from: region.y.lowerBound, to: region.y.upperBound, by: rows) {
      let box = Region(
        lower: Shape(z: region.lower.z, y: y, x: 0),
        shape: Shape(z: 1, y: min(rows, region.y.upperBound - y), x: region.shape.x))
      try forEachVoxel(box) { place in
        labels[place] >= 0 && isOwn(Int(labels[place]))
      } _: { (_, place, analyzer, own, counted, scratch) in
        guard counted.status == .good, let analyzer else { return }
        parts[Int(labels[place]), default: BinAccumulator()].add(
          analyzer, total: counted.total, fractions: own, ratio: counted.ratio, scratch: scratch,
          isAlike: isAlike, bins: bins)
      }
    }
    labels.memory.touched(
      region.count * MemoryLayout<Int32>.stride + (2 << 16)
        + Self.bytes(of: parts.keys, of: BinExtents.Extent.self))
    return parts
  }
}
