package import Volumetry

/// Grows compact bins of voxels that share faces until each holds what was asked for (accretion, after Cappellari and
/// Copin, MNRAS 342 (2003) 345, on a grid and with walls).
///
/// A bin grows by the neighbour nearest to its centroid in um. It never crosses a voxel that is excluded, and it grows
/// only through core voxels; rim voxels, where the active material is the minority, join the nearest bin beside them
/// at last and never bridge two particles. A bin that cannot grow to the goal is shared out among the bins beside it;
/// where there are none it stays as it is. What is grown depends on counts and fractions, not on x, so no bin is chosen
/// for its value.
///
/// Labels, bins and queues lie in the working memory of the voxels: some 8 bytes a voxel and 32 a bin.
package struct VoxelGrowth {
  package enum Role: UInt8, Sendable {
    case excluded, rim, core
  }

  let faces: VoxelFaces
  let roles: PagedArray<UInt8>
  private let weights: PagedArray<Float>
  private let goal: Double
  private let limit: Int
  /// Number of each voxel's bin; -1 for none.
  package internal(set) var labels: PagedArray<Int32>
  var bins: PagedArray<Bin>
  var access: ScatteredAccess
  /// Number of bins.
  package internal(set) var count = 0

  struct Bin: BitwiseCopyable {
    /// Centroid of what was grown, in um along x, y, z: voxels that join do not move it.
    var middle: (Double, Double, Double)
    var isComplete: Bool
  }

  /// - Parameters:
  ///   - roles: raw values of ``Role`` of the voxels in z, y, x order.
  ///   - weights: what each voxel brings towards `goal`.
  ///   - limit: most voxels of a bin.
  /// - Throws: `usage` beyond 2^32 voxels; `input/output` where the working memory has no room.
  package init(
    grid: Grid, roles: PagedArray<UInt8>, weights: PagedArray<Float>, goal: Double, limit: Int
  ) throws(VoxelithError) {
    guard roles.count <= Int(UInt32.max) else {
      throw VoxelithError(.usage, "a map of \(roles.count) voxels is too large to be binned")
    }
    faces = VoxelFaces(grid)
    self.roles = roles
    self.weights = weights
    self.goal = goal
    self.limit = limit
    labels = try PagedArray(repeating: -1, count: roles.count, in: roles.memory)
    bins = try PagedArray(in: roles.memory)
    access = ScatteredAccess(
      count: roles.count, bytes: MemoryLayout<Int32>.stride, arrays: 3, in: roles.memory)
    try grow(.core)
    try shareOut()
    try grow(.rim)
    try shareOut()
    try number()
  }

  /// A voxel beside the bin that grows.
  private struct Candidate {
    let voxel: Int
    let place: SIMD3<Double>

    func distance(to point: SIMD3<Double>) -> Double {
      let d = place - point
      return (d * d).sum()
    }
  }

  /// Bins of the voxels of one role that have none. Each starts beside those before it, so that bins pack.
  private mutating func grow(_ role: Role) throws(VoxelithError) {
    var queue = try VoxelQueue(in: labels.memory)
    for first in labels.indices {
      if first & 1023 == 0 { access.refresh() }
      access.reach(first)
      guard roles[first] == role.rawValue, labels[first] < 0 else { continue }
      try queue.push(first)
      while let seed = queue.pop() {
        access.reach(seed)
        guard labels[seed] < 0 else { continue }
        for open in try grow(from: seed, role: role.rawValue) { try queue.push(open) }
      }
    }
  }

  /// One bin; returns the open voxels that were left beside it, nearest first.
  private mutating func grow(from seed: Int, role: UInt8) throws(VoxelithError) -> [Int] {
    guard let number = Int32(exactly: bins.count), number < .max - 1 else {
      throw VoxelithError(.usage, "there are too many bins", advice: "ask for larger ones")
    }
    access.refresh()
    let (faces, roles) = (faces, roles)
    let labels = labels
    // In place of a label, that a voxel waits beside this bin.
    let mark = -2 - number
    var (voxels, weight, sum) = (0, 0.0, SIMD3<Double>.zero)
    var frontier = [Candidate(voxel: seed, place: faces.place(seed))]
    labels[seed] = mark
    while !frontier.isEmpty, weight < goal, voxels < limit {
      let next = voxels == 0 ? 0 : Self.nearest(frontier, to: sum / Double(voxels))
      let chosen = frontier[next]
      frontier[next] = frontier[frontier.count - 1]
      frontier.removeLast()
      faces.reach(chosen.voxel, &access)
      labels[chosen.voxel] = number
      voxels += 1
      weight += Double(weights[chosen.voxel])
      sum += chosen.place
      faces.neighbours(chosen.voxel) { other in
        if roles[other] == role, labels[other] < 0, labels[other] != mark {
          labels[other] = mark
          frontier.append(Candidate(voxel: other, place: faces.place(other)))
        }
      }
    }
    let middle = sum / Double(max(1, voxels))
    let bin = Bin(
      middle: (middle.x, middle.y, middle.z), isComplete: weight >= goal || voxels >= limit)
    try bins.append(contentsOf: CollectionOfOne(bin).span)
    return frontier.map { ($0.distance(to: middle), $0.voxel) }.sorted { $0 < $1 }.map(\.1)
  }

  /// Index of the voxel nearest to a point; of equal ones the first voxel of the grid.
  private static func nearest(_ voxels: [Candidate], to point: SIMD3<Double>) -> Int {
    var best = 0
    var least = Double.infinity
    for (index, candidate) in voxels.enumerated() {
      let d = candidate.distance(to: point)
      if d < least || (d == least && candidate.voxel < voxels[best].voxel) {
        best = index
        least = d
      }
    }
    return best
  }
}
