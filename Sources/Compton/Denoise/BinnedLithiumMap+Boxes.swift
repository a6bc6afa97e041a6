import Volumetry

extension BinnedLithiumMap {
  /// The bins' values to their voxels, box by box.
  func spread(
    _ bins: Fitted, over found: Counted, resources: Resources,
    consume: (Region, BinnedBox) throws(VoxelithError) -> Void
  ) throws(VoxelithError) -> BinnedSummary {
    let grid = map.source.grid
    let memory = found.labels.memory
    let box = (grid.spacing * grid.spacing).sum() / 12
    var access = ScatteredAccess(
      count: bins.values.count, bytes: MemoryLayout<BinValues>.stride, arrays: 2, in: memory)
    let resolution = try PagedVolume<Float>(grid: grid, in: memory)
    var summary = MapSummary()
    let plan = try BlockPlan(
      shape: grid.shape, bytesPerVoxel: 64, memory: resources.memory / 8, inFlight: 1,
      minimumBlocks: grid.shape.z)
    for block in plan.blocks {
      try resources.cancellation.check()
      access.refresh()
      let region = block.core
      var result = BinnedBox(
        voxels: region.count, status: try found.status.values(of: region),
        intensity: try found.intensity.values(of: region))
      var voxel = 0
      for z in region.z {
        for y in region.y {
          let row = grid.shape.index(z: z, y: y, x: region.lower.x)
          for place in row..<(row + region.shape.x) {
            defer { voxel += 1 }
            let label = found.labels[place]
            guard label >= 0 else {
              summary.add(masked: result.mask(voxel), voxels: 1)
              continue
            }
            access.reach(Int(label))
            let extent = bins.extents[Int(label)]
            result.set(
              bins.values[Int(label)].result, voxel: voxel, bin: label, size: extent.voxels,
              resolution: extent.width(box: box))
          }
        }
      }
      memory.touched(region.count * MemoryLayout<Int32>.stride)
      resolution.paste(result.resolution, into: region)
      try consume(region, result)
    }
    return try summarize(bins, voxels: summary, resolution: resolution.voxels.median())
  }

  /// Adds the bins in their order.
  private func summarize(
    _ bins: Fitted, voxels: MapSummary, resolution: Double
  ) throws(VoxelithError) -> BinnedSummary {
    let memory = bins.values.memory
    var summary = BinnedSummary(voxels: voxels, medianResolution: resolution)
    let sizes = try PagedArray<Double>(repeating: 0, count: bins.values.count, in: memory)
    let sigmas = try PagedArray<Double>(repeating: 0, count: bins.values.count, in: memory)
    let bytes = MemoryLayout<BinValues>.stride + MemoryLayout<BinExtents.Extent>.stride + 16
    memory.inBlocks(of: bins.values.count, bytes: bytes) { block in
      for bin in block {
        let result = bins.values[bin].result
        let size = Int(bins.extents[bin].voxels)
        summary.add(result, voxels: size)
        sizes[bin] = Double(size)
        sigmas[bin] = result.fit.sigma
      }
    }
    if case .sigma(let sigma) = options.goal { summary.count(sigmas, above: 1.05 * sigma) }
    summary.medianVoxels = sizes.median()
    summary.medianSigma = sigmas.median()
    return summary
  }
}

extension PagedVolume {
  fileprivate func values(of region: Region) throws(VoxelithError) -> [Element] {
    try read(region).values(as: Element.self) ?? []
  }
}
