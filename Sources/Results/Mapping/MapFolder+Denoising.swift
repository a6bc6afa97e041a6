import Compton
import Readers
import Volumetry

extension MapFolder {
  /// Merges voxels, maps the bins and writes their values to every voxel.
  static func writeBinned(
    _ map: LithiumMap, options: BinningOptions, writers: MapWriters, resources: Resources
  ) throws(VoxelithError) -> (MapSummary, BinningReport) {
    let summary = try BinnedLithiumMap(map, options: options).run(resources: resources) {
      (region, box) throws(VoxelithError) in
      try writers.write(box.values, to: region)
      try writers.write([.uint32(box.labels), .uint32(box.sizes), .float32(box.resolution)], to: region)
    }
    return (summary.voxels, BinningReport(summary, options: options))
  }

  /// Maps, then lets neighbours hold together.
  static func writeWithPrior(
    _ map: LithiumMap, strength: PriorStrength, guide named: MapDenoising.Guide, calibration: Calibration,
    writers: MapWriters, sums: inout CountSums, resources: Resources
  ) throws(VoxelithError) -> (MapSummary, PriorReport) {
    let grid = map.source.grid
    let shape = grid.shape
    let memory = WorkingMemory.holding(
      (MeasuredMap.bytesPerVoxel + 4 * named.sources.count) * shape.count, budget: resources.memory / 2,
      isScattered: true)
    var measured = try MeasuredMap(grid: grid, in: memory)
    var half = resources
    half.memory /= 2
    var summary = try map.run(resources: half, sums: &sums) { (block, result) throws(VoxelithError) in
      measured.paste(result, into: block.core)
      try writers.write(
        [
          .float32(result.intensity), .float32(result.ratio), .float32(result.deviance),
          .float32(result.expectedDeviance),
        ], to: block.core, from: 2)
      try writers.write([.float32(result.x), .float32(result.sigma)], to: block.core)
    }
    let guide: PriorGuide
    if named.sources.isEmpty {
      // The intensity's own noise: the square root of its median.
      let typical = measured.intensity.voxels.median()
      guide = try PriorGuide(
        [measured.intensity], grid: grid, scales: named.scales,
        noise: typical > 0 ? typical.squareRoot() : 0, in: memory)
    } else {
      guide = try PriorGuide(named.sources, grid: grid, scales: named.scales, in: memory)
    }
    let prior = try SpatialPrior(measured.noisy, guide: guide, strength: strength, resources: resources)
    var statistics = try DenoisedStatistics(in: memory)
    summary.removeValues()
    try prior.run(resources: resources) { (region, denoised) throws(VoxelithError) in
      let statuses = statuses(
        denoised, measured: measured, in: region, range: calibration.range, slack: map.options.rangeSigmas)
      summary.add(denoised, mask: statuses)
      try statistics.add(denoised)
      try writers.write([.float32(denoised.x), .float32(denoised.sigma)], to: region, from: 0)
      try writers.write([.uint8(statuses)], to: region, from: floatFiles.count)
      try writers.write(
        [.float32(denoised.posteriorSigma), .float32(denoised.resolution), .float32(denoised.misfit)],
        to: region, from: floatFiles.count + 3)
    }
    return (
      summary,
      PriorReport(
        statistics, prior: prior, wanted: strength, guide: guide, name: named.name,
        medianMeasuredSigma: measured.sigma.voxels.median())
    )
  }

  /// The statuses of a box after denoising: those that were measured, where denoising gave no value.
  private static func statuses(
    _ denoised: DenoisedMap, measured: MeasuredMap, in region: Region, range: [Double], slack: Double
  ) -> [UInt8] {
    var statuses = measured.mask.box(region, of: measured.noisy.grid.shape)
    let x = measured.noisy.x.box(region, of: measured.noisy.grid.shape)
    for voxel in statuses.indices {
      if denoised.x[voxel].isFinite {
        let slack = Float(slack) * denoised.sigma[voxel]
        let isOutside =
          denoised.x[voxel] < Float(range[0]) - slack || denoised.x[voxel] > Float(range[1]) + slack
        statuses[voxel] = (isOutside ? VoxelStatus.outsideRange : .good).rawValue
      } else if x[voxel].isFinite {
        statuses[voxel] = VoxelStatus.empty.rawValue
      }
    }
    return statuses
  }
}
