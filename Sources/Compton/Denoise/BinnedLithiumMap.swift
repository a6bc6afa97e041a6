public import Volumetry

/// The stage from spectra to lithium with voxels merged until each bin tells x as precisely as was asked.
///
/// The spectra of a bin are added, so that they stay counts, and fitted once with the sum of what its voxels expect
/// at their angles, energies, fractions and absorption. Two passes over the spectra: the first counts, the second
/// adds, slice by slice, and holds the bins that a slice cuts; where these are too many, it goes band by band of rows.
/// What has an element for each voxel or bin (at most 128 bytes a voxel, usually some 40) lies in a `WorkingMemory`,
/// so the budget holds for maps of any size.
public struct BinnedLithiumMap: Sendable {
  /// Bytes of working arrays for each voxel at most, with bins of one voxel: label, status and intensity, shape and values
  /// of the bin, resolution.
  public static let bytesPerVoxel = 128

  let map: LithiumMap
  let options: BinningOptions
  private let goal: Double

  /// - Throws: `usage` where the goal is not positive or lies below what the standards leave.
  public init(_ map: LithiumMap, options: BinningOptions) throws(VoxelithError) {
    self.map = map
    self.options = options
    guard options.largestBin >= 1 else {
      throw VoxelithError(.usage, "a bin needs room for a voxel")
    }
    switch options.goal {
    case .counts(let counts):
      guard counts > 0, counts.isFinite else {
        throw VoxelithError(.usage, "a bin needs positive counts, not \(counts)")
      }
      goal = counts
    case .sigma(let sigma):
      guard sigma > 0, sigma.isFinite else {
        throw VoxelithError(.usage, "a bin needs a positive sigma(x), not \(sigma)")
      }
      guard map.options.wantsInformation else {
        throw VoxelithError(.internal, "binning needs the counts of the single voxels")
      }
      let range = map.calibration.range
      let shared = try SharedCovariance(map.calibration, method: map.options.method)
      let middle = 0.5 * (range[0] + range[1])
      let floor = max(0, shared.covariance(middle, middle))
      guard sigma * sigma > floor else {
        throw VoxelithError(
          .usage,
          "no binning reaches a sigma(x) of \(sigma): the standards alone leave "
            + "\((1e4 * floor.squareRoot()).rounded() / 1e4)",
          advice: "ask for more, or measure the standards longer")
      }
      goal = 1 / (sigma * sigma - floor)
    }
  }

  /// Merges, maps, and hands the values on box by box: slices, or what fits of one. Boxes come in the order of the
  /// grid and tile it. The same bytes whatever threads and memory.
  ///
  /// - Returns: the numbers over all voxels and bins.
  /// - Throws: `data` and `input/output` as the source demands; `cannot create` and `input/output` where working arrays
  ///   find no room; `usage` beyond 2^32 voxels; `cancelled` on request.
  public func run(
    resources: Resources, consume: (Region, BinnedBox) throws(VoxelithError) -> Void
  ) throws(VoxelithError) -> BinnedSummary {
    let memory = WorkingMemory.holding(
      Self.bytesPerVoxel * map.source.grid.shape.count, budget: resources.memory / 2,
      isScattered: true)
    let found = try count(in: memory, resources: resources)
    let bins = try fit(found.labels, count: found.bins, resources: resources)
    return try spread(bins, over: found, resources: resources, consume: consume)
  }

  /// Merges and maps into memory: the special case, for maps that are known to be small.
  ///
  /// - Throws: as ``run(resources:consume:)``.
  public func run(resources: Resources) throws(VoxelithError) -> BinnedMap {
    var map = BinnedMap()
    map.summary = try run(resources: resources) { (_, box) in map.append(box) }
    return map
  }

  /// What is known of the voxels when their bins have grown.
  struct Counted {
    let status: PagedVolume<UInt8>
    let intensity: PagedVolume<Float>
    /// Number of each voxel's bin from 0; -1 for none.
    let labels: PagedArray<Int32>
    let bins: Int
  }

  /// The first pass; what growing alone needs is freed when it returns.
  private func count(
    in memory: WorkingMemory, resources: Resources
  ) throws(VoxelithError) -> Counted {
    let survey = try survey(in: memory, resources: resources)
    let grown = try VoxelGrowth(
      grid: map.source.grid, roles: survey.roles.voxels, weights: survey.weights.voxels, goal: goal,
      limit: options.largestBin)
    return Counted(
      status: survey.status, intensity: survey.intensity, labels: grown.labels, bins: grown.count)
  }
}
