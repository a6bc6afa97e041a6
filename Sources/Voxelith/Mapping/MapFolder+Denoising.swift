import Compton
import Readers
import Volumetry

extension MapFolder {
  /// Merges voxels, maps the bins and writes their values to every voxel.
  static func writeBinned(
    _ map: LithiumMap, options: BinningOptions, writers: MapWriters, resources: Resources
  ) throws(VoxelithError) -> (MapSummary, BinningReport) {
    let binned = try BinnedLithiumMap(map, options: options).run(resources: resources)
    let values = binned.values
    let whole = Region(whole: map.source.grid.shape)
    try writers.write(values, to: whole)
    try writers.write(
      [.uint32(binned.labels), .uint32(binned.sizes), .float32(binned.resolution)], to: whole)
    return (binned.summary, BinningReport(binned, options: options))
  }

  /// Maps, then lets neighbours hold together.
  static func writeWithPrior(
    _ map: LithiumMap, strength: PriorStrength, guide named: MapDenoising.Guide, calibration: Calibration,
    writers: MapWriters, resources: Resources
  ) throws(VoxelithError) -> (MapSummary, PriorReport) {
    let grid = map.source.grid
    let missing = Volume<Float>(grid: grid, repeating: .nan)
    var measured = (x: missing, sigma: missing, shared: missing, fractions: missing)
    var other = (
      intensity: missing, ratio: missing, deviance: missing, expected: missing, information: missing
    )
    var mask = Volume<UInt8>(grid: grid, repeating: 0)
    var summary = try map.run(resources: resources) { (block, result) throws(VoxelithError) in
      measured.x.paste(result.x, into: block.core)
      measured.sigma.paste(result.sigma, into: block.core)
      measured.shared.paste(result.sharedSigma, into: block.core)
      measured.fractions.paste(result.fractionSigma, into: block.core)
      other.intensity.paste(result.intensity, into: block.core)
      other.ratio.paste(result.ratio, into: block.core)
      other.deviance.paste(result.deviance, into: block.core)
      other.expected.paste(result.expectedDeviance, into: block.core)
      other.information.paste(result.information, into: block.core)
      mask.paste(result.mask, into: block.core)
    }
    let variance = measured.x.voxels.indices.map { voxel -> Float in
      let (s, a, b) = (
        measured.sigma.voxels[voxel], measured.shared.voxels[voxel], measured.fractions.voxels[voxel]
      )
      return max(s * s - a * a - b * b, 0.01 * s * s)
    }
    let noisy = NoisyMap(
      grid: grid, x: measured.x.voxels, countingVariance: variance, information: other.information.voxels,
      sharedSigma: measured.shared.voxels, fractionSigma: measured.fractions.voxels)
    let guide: PriorGuide
    if named.sources.isEmpty {
      // The intensity's own noise: the square root of its median.
      let typical = Quantiles.median(other.intensity.voxels.map(Double.init))
      guide = try PriorGuide(
        [other.intensity], grid: grid, scales: named.scales,
        noise: typical > 0 ? typical.squareRoot() : 0)
    } else {
      guide = try PriorGuide(named.sources, grid: grid, scales: named.scales)
    }
    let prior = try SpatialPrior(noisy, guide: guide, strength: strength, resources: resources)
    let denoised = try prior.run(resources: resources)
    var statuses = mask.voxels
    for voxel in statuses.indices where denoised.x[voxel].isFinite {
      let slack = Float(map.options.rangeSigmas) * denoised.sigma[voxel]
      let isOutside =
        denoised.x[voxel] < Float(calibration.range[0]) - slack
        || denoised.x[voxel] > Float(calibration.range[1]) + slack
      statuses[voxel] = (isOutside ? VoxelStatus.outsideRange : .good).rawValue
    }
    for voxel in statuses.indices
    where !denoised.x[voxel].isFinite && measured.x.voxels[voxel].isFinite {
      statuses[voxel] = VoxelStatus.empty.rawValue
    }
    summary.replace(with: denoised, mask: statuses)
    let whole = Region(whole: grid.shape)
    try writers.write(
      [
        .float32(denoised.x), .float32(denoised.sigma), .float32(other.intensity.voxels),
        .float32(other.ratio.voxels), .float32(other.deviance.voxels), .float32(other.expected.voxels),
        .uint8(statuses), .float32(measured.x.voxels), .float32(measured.sigma.voxels),
        .float32(denoised.posteriorSigma), .float32(denoised.resolution), .float32(denoised.misfit),
      ], to: whole, from: 0)
    return (
      summary,
      PriorReport(
        denoised, prior: prior, wanted: strength, guide: guide, name: named.name,
        measuredSigma: measured.sigma.voxels)
    )
  }
}
