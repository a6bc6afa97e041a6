import Volumetry

/// Numbers of pairs of voxels by the step from one to the other.
///
/// Numbers of pairs are whole, so what double precision leaves of the transforms' noise is rounded away, and
/// the sums do not depend on how the volume is cut.
struct PairCounts: Sendable {
  /// Longest steps along each axis; those along x run from zero, since a pair has two orders.
  let lags: Shape
  /// Pairs within the phase.
  private let pairs: [Int64]
  /// Pairs within the sample; nil where it fills the volume.
  private let all: [Int64]?
  private let volume: Shape

  init(_ phase: PhaseLabels, lags: Shape, resources: Resources) throws(VoxelithError) {
    let counts = try phase.counts(in: CellMap(whole: phase.grid), resources: resources)
    guard counts.sample[0] > 0 else {
      throw VoxelithError(.data, "no voxel belongs to the sample", file: phase.labels.name)
    }
    self.lags = lags
    volume = phase.grid.shape
    let plan = try PairPlan(volume, lags: lags, resources: resources, file: phase.labels.name)
    let wanted = phase.phase
    pairs = try plan.count(phase.labels, resources) { $0 == wanted }
    guard counts.sample[0] < volume.count else {
      all = nil
      return
    }
    all = try plan.count(phase.labels, resources) { phase.isSample($0) }
  }

  /// Pairs at a step, and those of the sample.
  func counted(z: Int, y: Int, x: Int) -> (pairs: Double, all: Double) {
    let i = PairPlan.size(of: lags).index(z: z + lags.z, y: y + lags.y, x: x)
    let free = (volume.z - abs(z)) * (volume.y - abs(y)) * (volume.x - abs(x))
    return (Double(pairs[i]), all.map { Double($0[i]) } ?? Double(free))
  }
}
