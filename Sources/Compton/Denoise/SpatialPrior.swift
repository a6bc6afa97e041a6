public import Volumetry

/// An edge-preserving spatial prior on a lithium map: a Gaussian Markov random field whose neighbours hold together as
/// far as a guide shows no edge between them.
///
/// The estimate minimises sum_i p_i (x_i - measured_i)^2 + strength sum_faces w (x_i - x_j)^2 / h^2 with the information
/// p of every voxel, the guide's weight w of a face and the distance h of its voxels. It is linear in what was
/// measured, x_i = sum_j H_ij measured_j, with weights that depend on numbers of counts and the guide alone. So its
/// spread is known exactly: sum_j H_ij^2 variance_j. Every voxel's row of H is solved in a window around it; what
/// the window or the accuracy of the solver changes in H, sigma and resolution see as well.
///
/// The spread does not hold what smoothing takes from structure that the guide does not show (bias). Of that tell
/// ``DenoisedMap/posteriorSigma``, which holds it on average if the map is as the prior thinks it, and
/// ``DenoisedMap/misfit``, which shows where it is not.
public struct SpatialPrior: Sendable {
  private let system: PriorSystem
  private let reference: Float
  private let reach: Shape
  /// What multiplies the squared gradients, in um^2.
  public let strength: Double
  /// False where the criterion asks for a prior that reaches further than ``limit``.
  public let isCriterionMet: Bool
  /// Length in um over which the prior carries where a voxel has the median information.
  public let length: Double

  /// Voxels on each side that a kernel may use.
  public static let limit = 8

  /// - Throws: `usage` where the strength's number is not positive.
  public init(
    _ map: NoisyMap, guide: PriorGuide = .none, strength wanted: PriorStrength = .evidence,
    resources: Resources = Resources()
  ) throws(VoxelithError) {
    switch wanted {
    case .evidence: break
    case .sigma(let value), .length(let value):
      guard value > 0, value.isFinite else {
        throw VoxelithError(.usage, "the prior needs a positive sigma or length, not \(value)")
      }
    }
    system = try PriorSystem(map, guide: guide, threads: resources.threads)
    var mean = Moments()
    map.x.memory.inBlocks(of: map.x.count, bytes: 12) { block in
      for voxel in block where map.isUsable(voxel) { mean.add(Double(map.x[voxel])) }
    }
    reference = Float(mean.mean)
    let search = PriorStrengthSearch(
      system, limit: Self.limit, threads: resources.threads, reference: reference)
    (strength, isCriterionMet) = try search.find(wanted)
    length = system.length(strength)
    reach = system.reach(strength, limit: Self.limit)
  }

  /// Denoises two slices at a time and hands them on in order. The same bytes whatever the number of threads.
  ///
  /// - Throws: what `consume` throws, and `interrupted`.
  public func run(
    resources: Resources, consume: (Region, DenoisedMap) throws(VoxelithError) -> Void
  ) throws(VoxelithError) {
    let shape = system.map.grid.shape
    let blocks = stride(from: 0, to: shape.z, by: 2).enumerated().map { index, z in
      Block(index: index, region: Region(slices: z..<min(z + 2, shape.z), of: shape))
    }
    try BlockStream.run(blocks, stage: "denoise", resources: resources) { (block) throws(VoxelithError) in
      slab(block.core)
    } consume: { (block, part) throws(VoxelithError) in
      try consume(block.core, part)
    }
  }

  /// The whole denoised map in memory, 32 bytes for each voxel: for maps that are known to be small.
  public func run(resources: Resources) throws(VoxelithError) -> DenoisedMap {
    let shape = system.map.grid.shape
    var result = DenoisedMap(voxels: shape.count)
    try run(resources: resources) { (region, part) throws(VoxelithError) in
      result.paste(part, at: region.lower.z * shape.y * shape.x)
    }
    return result
  }

  /// Two slices, group by group.
  private func slab(_ region: Region) -> DenoisedMap {
    let shape = region.shape
    var result = DenoisedMap(voxels: shape.count)
    var window = PriorWindow()
    for y in stride(from: 0, to: shape.y, by: 2) {
      for x in stride(from: 0, to: shape.x, by: 2) {
        let group = Shape(z: region.lower.z, y: y, x: x)
        guard system.hasVoxels(group) else { continue }
        window.solve(system, group: group, strength: Float(strength), reach: reach)
        let estimate = PriorEstimate(window, system: system, group: group, reference: reference)
        for lane in 0..<8 where estimate.x[lane].isFinite {
          result.set(
            estimate, lane: lane,
            voxel: shape.index(z: lane >> 2, y: y + (lane >> 1) & 1, x: x + lane & 1))
        }
      }
      // What the next rows of groups bring into memory.
      system.touch(
        Region(
          lower: region.lower, shape: Shape(z: 2 + 2 * reach.z, y: min(2, shape.y - y), x: shape.x)))
    }
    return result
  }
}

/// A lithium map after denoising, or a box of it, with the errors and the resolution that are left: one value for each
/// voxel in z, y, x order, NaN where there is none.
public struct DenoisedMap: Sendable {
  public private(set) var x: [Float]
  /// Standard deviation of x by noise: what repeated measurements would scatter by, with what voxels share.
  public private(set) var sigma: [Float]
  /// The part of `sigma` by the standards' errors.
  public private(set) var sharedSigma: [Float]
  /// Standard deviation of the truth about x if it is as rough as the prior thinks: `sigma` and the bias expected.
  public private(set) var posteriorSigma: [Float]
  /// Full width in um at half maximum of a Gaussian as wide as the voxel's kernel (second moment, mean of the axes,
  /// with the voxel's own box).
  public private(set) var resolution: [Float]
  /// Mean squared deviation of the measured map within the kernel over that by noise: 1 where the truth is smooth,
  /// more where smoothing ran over structure that the guide does not show.
  public private(set) var misfit: [Float]
  /// Standard score of `misfit`.
  public private(set) var misfitScore: [Float]
  /// Weight of the voxel's own measurement; the sum over the map counts its independent values.
  public private(set) var ownWeight: [Float]

  init(voxels: Int) {
    let missing = [Float](repeating: .nan, count: voxels)
    x = missing
    sigma = missing
    sharedSigma = missing
    posteriorSigma = missing
    resolution = missing
    misfit = missing
    misfitScore = missing
    ownWeight = missing
  }

  mutating func set(_ estimate: PriorEstimate, lane: Int, voxel: Int) {
    let common =
      estimate.sharedSigma[lane] * estimate.sharedSigma[lane] + estimate.fractionSigma[lane]
      * estimate.fractionSigma[lane]
    x[voxel] = estimate.x[lane]
    sigma[voxel] = (estimate.countingVariance[lane] + common).squareRoot()
    sharedSigma[voxel] = estimate.sharedSigma[lane]
    posteriorSigma[voxel] =
      (max(estimate.posteriorVariance[lane], estimate.countingVariance[lane]) + common).squareRoot()
    resolution[voxel] = Self.width * (max(0, estimate.moments[lane]) / 3).squareRoot()
    misfit[voxel] = estimate.misfit[lane]
    ownWeight[voxel] = estimate.own[lane]
    // Wilson and Hilferty, PNAS 17 (1931) 684: the cube root of chi-squared over its mean is nearly normal.
    let part = 2 / (9 * max(estimate.effectiveVoxels[lane] - 1, 0.5))
    let root = Float(exponential(logarithm(Double(max(estimate.misfit[lane], 1e-9))) / 3))
    misfitScore[voxel] = estimate.misfit[lane].isNaN ? .nan : (root - 1 + part) / part.squareRoot()
  }

  /// From standard deviation to full width at half maximum of a Gaussian.
  static let width = Float(2.354_820_045)

  mutating func paste(_ part: DenoisedMap, at start: Int) {
    for voxel in part.x.indices {
      x[start + voxel] = part.x[voxel]
      sigma[start + voxel] = part.sigma[voxel]
      sharedSigma[start + voxel] = part.sharedSigma[voxel]
      posteriorSigma[start + voxel] = part.posteriorSigma[voxel]
      resolution[start + voxel] = part.resolution[voxel]
      misfit[start + voxel] = part.misfit[voxel]
      misfitScore[start + voxel] = part.misfitScore[voxel]
      ownWeight[start + voxel] = part.ownWeight[voxel]
    }
  }
}
