import Volumetry

/// How strong the spatial prior is.
public enum PriorStrength: Sendable, Hashable {
  /// The strength that makes the measured map most probable (restricted maximum likelihood).
  case evidence
  /// The weakest one that brings the median sigma(x) to a value.
  case sigma(Double)
  /// The length in um over which it carries where a voxel has the median information.
  case length(Double)
}

/// Finds the strength on a sample of the map's groups.
struct PriorStrengthSearch {
  let system: PriorSystem
  let limit: Int
  let threads: Int
  let reference: Float
  private let groups: [Shape]
  private let share: Double

  /// Groups that are looked at: all of them up to this number, else every n-th.
  private static let sample = 600

  init(_ system: PriorSystem, limit: Int, threads: Int, reference: Float) {
    self.system = system
    self.limit = limit
    self.threads = threads
    self.reference = reference
    var used = 0
    system.forEachGroup { _ in used += 1 }
    // A step without a common factor with the grid, so that the sample does not keep to planes.
    let step = max(1, used / Self.sample)
    var sample: [Shape] = []
    var number = 0
    system.forEachGroup { group in
      if number % step == step / 2 { sample.append(group) }
      number += 1
    }
    groups = sample
    share = used == 0 ? 0 : Double(sample.count) / Double(used)
  }

  /// Strengths between which is searched: kernels of a third of a voxel up to half of the limit.
  private var bounds: (Double, Double) {
    let spacing = system.map.grid.spacing
    let smallest = spacing.min()
    return (
      system.strength(length: 0.1 * smallest), system.strength(length: 0.5 * Double(limit) * smallest)
    )
  }

  /// - Returns: the strength, and whether its criterion is met rather than cut off by the longest reach.
  func find(_ wanted: PriorStrength) throws(VoxelithError) -> (strength: Double, isMet: Bool) {
    let (low, high) = bounds
    guard system.typicalInformation > 0 else { return (0, false) }
    switch wanted {
    case .length(let length):
      let strength = system.strength(length: length)
      return (min(strength, high), strength <= high)
    case .sigma(let sigma):
      return try bisect(low, high) { (strength) throws(VoxelithError) in
        try medianSigma(strength) > sigma
      }
    case .evidence:
      return try bisect(low, high) { (strength) throws(VoxelithError) in
        try evidenceSlope(strength) > 0
      }
    }
  }

  /// The least strength at which `isTooWeak` turns false, within 2 % of its length.
  private func bisect(
    _ low: Double, _ high: Double, _ isTooWeak: (Double) throws(VoxelithError) -> Bool
  ) throws(VoxelithError) -> (Double, Bool) {
    if try isTooWeak(high) { return (high, false) }
    if try !isTooWeak(low) { return (low, true) }
    var (below, above) = (logarithm(low), logarithm(high))
    while above - below > 0.04 {
      let middle = 0.5 * (below + above)
      if try isTooWeak(exponential(middle)) { below = middle } else { above = middle }
    }
    return (exponential(above), true)
  }

  private func estimates(
    _ strength: Double, of groups: [Shape]
  ) throws(VoxelithError) -> [PriorEstimate] {
    let reach = system.reach(strength, limit: limit)
    let pieces = (groups.count + 15) / 16
    return try Parallel.map(pieces, threads: threads) { (piece) throws(VoxelithError) in
      var window = PriorWindow()
      return (16 * piece..<min(16 * piece + 16, groups.count)).map { index in
        window.solve(system, group: groups[index], strength: Float(strength), reach: reach)
        defer { system.touch(window.box) }
        return PriorEstimate(window, system: system, group: groups[index], reference: reference)
      }
    }.flatMap { $0 }
  }

  /// Median of sigma(x) left, with what voxels share.
  func medianSigma(_ strength: Double) throws(VoxelithError) -> Double {
    var sigmas: [Double] = []
    for estimate in try estimates(strength, of: groups) {
      for lane in 0..<8 where estimate.x[lane].isFinite {
        let shared = Double(estimate.sharedSigma[lane])
        let fractions = Double(estimate.fractionSigma[lane])
        sigmas.append(
          (Double(estimate.countingVariance[lane]) + shared * shared + fractions * fractions).squareRoot())
      }
    }
    return Quantiles.median(sigmas)
  }

  /// Twice the derivative of the restricted log likelihood with respect to ln strength:
  /// rank(L) - strength tr(A^-1 L) - strength x^T L x = tr(H) - 1 - strength x^T L x, over the connected voxels of the
  /// sample; x^T L x from the faces within its groups and within those one voxel before them, which together are all
  /// faces of a grid.
  func evidenceSlope(_ strength: Double) throws(VoxelithError) -> Double {
    let shape = system.map.grid.shape
    let even = try estimates(strength, of: groups)
    let before = groups.map { Shape(z: $0.z - 1, y: $0.y - 1, x: $0.x - 1) }
    let odd = try estimates(strength, of: before)
    var trace = 0.0
    var all = 0.0
    for (lower, estimate) in zip(groups, even) {
      for lane in 0..<8 where estimate.x[lane].isFinite {
        let (z, y, x) = (lower.z + lane >> 2, lower.y + (lane >> 1) & 1, lower.x + lane & 1)
        let voxel = shape.index(z: z, y: y, x: x)
        var coupling = system.alongX[voxel] + system.alongY[voxel] + system.alongZ[voxel]
        if x > 0 { coupling += system.alongX[voxel - 1] }
        if y > 0 { coupling += system.alongY[voxel - shape.x] }
        if z > 0 { coupling += system.alongZ[voxel - shape.y * shape.x] }
        all += 0.5 * Double(coupling)
        // A voxel without neighbours says nothing of the prior.
        if coupling > 0 { trace += Double(estimate.own[lane]) }
      }
    }
    var inner = 0.0
    var roughness = 0.0
    for (lower, estimate) in zip(groups + before, even + odd) {
      let sums = sums(within: lower, estimate)
      inner += sums.coupling
      roughness += sums.roughness
    }
    guard inner > 0 else { return -1 }
    return trace - share - strength * roughness * all / inner
  }

  /// Couplings and squared steps over the faces within a group.
  private func sums(within lower: Shape, _ estimate: PriorEstimate) -> (coupling: Double, roughness: Double) {
    let shape = system.map.grid.shape
    var result = (coupling: 0.0, roughness: 0.0)
    for lane in 0..<8 where estimate.x[lane].isFinite {
      let voxel = shape.index(
        z: lower.z + lane >> 2, y: lower.y + (lane >> 1) & 1, x: lower.x + lane & 1)
      for (along, bit) in [(system.alongX, 1), (system.alongY, 2), (system.alongZ, 4)]
      where lane & bit == 0 && along[voxel] > 0 {
        let step = Double(estimate.x[lane | bit] - estimate.x[lane])
        guard step.isFinite else { continue }
        result.coupling += Double(along[voxel])
        result.roughness += Double(along[voxel]) * step * step
      }
    }
    return result
  }
}
