public import Volumetry

/// The sum of the spectra of all voxels of a source whose numbers are counts.
public struct SourceSum: Sendable, Hashable {
  public let counts: [Double]
  public let voxels: Int

  /// - Throws: errors of the source.
  public init(_ source: any SpectralSource, resources: Resources) throws(VoxelithError) {
    let bins = source.energy.count
    let plan = try BlockPlan(
      shape: source.grid.shape, bytesPerVoxel: 8 * bins, memory: min(resources.memory, 512 << 20),
      inFlight: resources.threads + 1, chunk: source.chunkShape, minimumBlocks: 4 * resources.threads)
    var total = [Double](repeating: 0, count: bins)
    var voxels = 0
    try BlockStream.run(plan.blocks, stage: "drift", resources: resources) {
      (block) throws(VoxelithError) -> (sum: [Double], voxels: Int) in
      let counts = try source.readCounts(block.core)
      var sum = [Double](repeating: 0, count: bins)
      var used = 0
      for voxel in 0..<block.core.count {
        let own = counts[(voxel * bins)..<((voxel + 1) * bins)]
        guard own.allSatisfy({ $0 >= 0 && $0.isFinite }) else { continue }
        for (bin, count) in own.enumerated() { sum[bin] += Double(count) }
        used += 1
      }
      return (sum, used)
    } consume: { (_, part) throws(VoxelithError) in
      for bin in 0..<bins { total[bin] += part.sum[bin] }
      voxels += part.voxels
    }
    counts = total
    self.voxels = voxels
  }
}

extension DriftFit {
  /// The fit to the sum of all voxels of a source.
  ///
  /// - Throws: `data` where the axis is not the calibration's or the spectrum holds too little; errors of the source.
  public init(
    _ source: any SpectralSource, calibration: Calibration, withComponents: Bool, resources: Resources
  ) throws(VoxelithError) {
    try self.init(
      try SourceSum(source, resources: resources), of: source, calibration: calibration,
      withComponents: withComponents)
  }

  /// The fit to a sum that is known.
  ///
  /// - Throws: `data` where the axis is not the calibration's or the spectrum holds too little.
  public init(
    _ sum: SourceSum, of source: any SpectralSource, calibration: Calibration, withComponents: Bool
  ) throws(VoxelithError) {
    guard try calibration.energyAxis().matches(source.energy) else {
      throw VoxelithError(
        .data, "the spectra do not have the energy axis of the calibration, so their gain cannot be compared",
        file: source.name)
    }
    try self.init(
      counts: sum.counts, voxels: max(1, sum.voxels), liveTime: source.acquisition.liveTime,
      calibration: calibration, withComponents: withComponents)
  }
}

extension PixelEnergies {
  /// The same energies for all pixels: those of the calibration's axis, freed of a gain.
  public init(height: Int, width: Int, drift: DriftFit) throws(VoxelithError) {
    let count = height * width
    try self.init(
      height: height, width: width, gain: [Double](repeating: 1 / (1 + drift.gain), count: count),
      offset: [Double](repeating: 0, count: count))
  }
}
