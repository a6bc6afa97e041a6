import Compton
import Volumetry

/// What denoising needs of a map as it was measured, in memory or in files.
struct MeasuredMap {
  /// Bytes for each voxel: the map of 20, sigma, intensity and status; the prior's information and couplings; three
  /// arrays of ``DenoisedStatistics``.
  static let bytesPerVoxel = 20 + 9 + 16 + 12

  private(set) var noisy: NoisyMap
  private(set) var sigma: PagedVolume<Float>
  private(set) var intensity: PagedVolume<Float>
  private(set) var mask: PagedArray<UInt8>

  init(grid: Grid, in memory: WorkingMemory) throws(VoxelithError) {
    noisy = try NoisyMap(grid: grid, in: memory)
    sigma = try PagedVolume(grid: grid, in: memory)
    intensity = try PagedVolume(grid: grid, in: memory)
    mask = try PagedArray(repeating: 0, count: grid.shape.count, in: memory)
  }

  mutating func paste(_ result: LithiumMap.BlockResult, into region: Region) {
    noisy.paste(
      x: result.x, sigma: result.sigma, sharedSigma: result.sharedSigma, fractionSigma: result.fractionSigma,
      information: result.information, into: region)
    sigma.paste(result.sigma, into: region)
    intensity.paste(result.intensity, into: region)
    mask.paste(result.mask, into: region, of: noisy.grid.shape)
  }
}

/// What is told of a whole denoised map, gathered box by box.
struct DenoisedStatistics {
  private(set) var sigma: PagedArray<Float>
  private(set) var posteriorSigma: PagedArray<Float>
  private(set) var resolution: PagedArray<Float>
  /// Trace of the hat matrix.
  private(set) var independentValues = 0.0
  /// Voxels whose misfit exceeds noise by four standard deviations.
  private(set) var unseenStructure = 0

  init(in memory: WorkingMemory) throws(VoxelithError) {
    sigma = try PagedArray(in: memory)
    posteriorSigma = try PagedArray(in: memory)
    resolution = try PagedArray(in: memory)
  }

  mutating func add(_ map: DenoisedMap) throws(VoxelithError) {
    try sigma.append(contentsOf: map.sigma.span)
    try posteriorSigma.append(contentsOf: map.posteriorSigma.span)
    try resolution.append(contentsOf: map.resolution.span)
    for weight in map.ownWeight where weight.isFinite { independentValues += Double(weight) }
    unseenStructure += map.misfitScore.count { $0 > 4 }
  }
}
