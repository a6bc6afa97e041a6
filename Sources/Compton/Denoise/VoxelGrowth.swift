import Volumetry

/// Grows compact bins of voxels that share faces until each holds what was asked for (accretion, after Cappellari and
/// Copin, MNRAS 342 (2003) 345, on a grid and with walls).
///
/// A bin grows by the neighbour nearest to its centroid in um. It never crosses a voxel that is excluded, and it grows
/// only through core voxels; rim voxels, where the active material is the minority, join the nearest bin beside them
/// at last and never bridge two particles. A bin that cannot grow to the goal is shared out among the bins beside it;
/// where there are none it stays as it is. What is grown depends on counts and fractions, not on x, so no bin is chosen
/// for its value.
struct VoxelGrowth {
  enum Role: UInt8, Sendable {
    case excluded, rim, core
  }

  let grid: Grid
  private let roles: [Role]
  private let weights: [Float]
  private let goal: Double
  private let limit: Int
  /// Number of each voxel's bin; -1 for none.
  private(set) var labels: [Int32]
  private var bins: [Bin] = []

  private struct Bin {
    var voxels: [Int32] = []
    var weight = 0.0
    var sum = SIMD3<Double>.zero
    var isComplete = false

    var centroid: SIMD3<Double> { sum / Double(max(1, voxels.count)) }
  }

  /// - Parameters:
  ///   - weights: what each voxel brings towards `goal`.
  ///   - limit: most voxels of a bin.
  init(grid: Grid, roles: [Role], weights: [Float], goal: Double, limit: Int) {
    self.grid = grid
    self.roles = roles
    self.weights = weights
    self.goal = goal
    self.limit = limit
    labels = [Int32](repeating: -1, count: roles.count)
    grow(.core)
    shareOut()
    grow(.rim)
    shareOut()
    number()
  }

  private func place(_ voxel: Int) -> SIMD3<Double> {
    let shape = grid.shape
    return SIMD3(
      Double(voxel % shape.x), Double(voxel / shape.x % shape.y), Double(voxel / (shape.x * shape.y)))
      * grid.spacing
  }

  /// The voxels that share a face with one.
  private func neighbours(_ voxel: Int, _ body: (Int) -> Void) {
    let shape = grid.shape
    let slice = shape.x * shape.y
    let (z, y, x) = (voxel / slice, voxel / shape.x % shape.y, voxel % shape.x)
    if z > 0 { body(voxel - slice) }
    if y > 0 { body(voxel - shape.x) }
    if x > 0 { body(voxel - 1) }
    if x + 1 < shape.x { body(voxel + 1) }
    if y + 1 < shape.y { body(voxel + shape.x) }
    if z + 1 < shape.z { body(voxel + slice) }
  }

  /// Bins of the voxels of one role that have none. Each starts beside those before it, so that bins pack.
  private mutating func grow(_ role: Role) {
    var queue: [Int] = []
    var head = 0
    var marks = [Int32](repeating: -1, count: labels.count)
    for first in labels.indices where roles[first] == role && labels[first] < 0 {
      queue.append(first)
      while head < queue.count {
        let seed = queue[head]
        head += 1
        guard labels[seed] < 0 else { continue }
        for open in grow(from: seed, role: role, marks: &marks) { queue.append(open) }
      }
    }
  }

  /// One bin; returns the open voxels that were left beside it, nearest first.
  private mutating func grow(from seed: Int, role: Role, marks: inout [Int32]) -> [Int] {
    let number = Int32(bins.count)
    var bin = Bin()
    var frontier = [seed]
    marks[seed] = number
    while !frontier.isEmpty, bin.weight < goal, bin.voxels.count < limit {
      let next = bin.voxels.isEmpty ? 0 : nearest(frontier, to: bin.centroid)
      let voxel = frontier.remove(at: next)
      labels[voxel] = number
      bin.voxels.append(Int32(voxel))
      bin.weight += Double(weights[voxel])
      bin.sum += place(voxel)
      neighbours(voxel) { other in
        if roles[other] == role, labels[other] < 0, marks[other] != number {
          marks[other] = number
          frontier.append(other)
        }
      }
    }
    bin.isComplete = bin.weight >= goal || bin.voxels.count >= limit
    let middle = bin.centroid
    bins.append(bin)
    return frontier.map { (distance($0, middle), $0) }.sorted { $0 < $1 }.map(\.1)
  }

  private func distance(_ voxel: Int, _ point: SIMD3<Double>) -> Double {
    let d = place(voxel) - point
    return (d * d).sum()
  }

  /// Index of the voxel nearest to a point; of equal ones the first voxel of the grid.
  private func nearest(_ voxels: [Int], to point: SIMD3<Double>) -> Int {
    var best = 0
    var least = Double.infinity
    for (index, voxel) in voxels.enumerated() {
      let d = distance(voxel, point)
      if d < least || (d == least && voxel < voxels[best]) {
        best = index
        least = d
      }
    }
    return best
  }

  /// Gives voxels without a complete bin to the nearest complete bin beside them, layer by layer.
  private mutating func shareOut() {
    let centroids = bins.map(\.centroid)
    let isComplete = bins.map(\.isComplete)
    var open = labels.indices.filter { voxel in
      roles[voxel] != .excluded && (labels[voxel] < 0 || !isComplete[Int(labels[voxel])])
    }
    while !open.isEmpty {
      var found: [(voxel: Int, bin: Int32)] = []
      for voxel in open {
        var best: (distance: Double, bin: Int32)?
        neighbours(voxel) { other in
          let bin = labels[other]
          guard bin >= 0, isComplete[Int(bin)] else { return }
          let d = distance(voxel, centroids[Int(bin)])
          if best.map({ d < $0.distance || (d == $0.distance && bin < $0.bin) }) ?? true { best = (d, bin) }
        }
        if let best { found.append((voxel, best.bin)) }
      }
      if found.isEmpty { break }
      for (voxel, bin) in found {
        if labels[voxel] >= 0 { bins[Int(labels[voxel])].voxels.removeAll { $0 == Int32(voxel) } }
        labels[voxel] = bin
        bins[Int(bin)].voxels.append(Int32(voxel))
      }
      open = open.filter { labels[$0] < 0 || !isComplete[Int(labels[$0])] }
    }
  }

  /// Numbers the bins in the order of their first voxels, without gaps.
  private mutating func number() {
    var numbers = [Int32](repeating: -1, count: bins.count)
    var next: Int32 = 0
    for voxel in labels.indices where labels[voxel] >= 0 {
      let old = Int(labels[voxel])
      if numbers[old] < 0 {
        numbers[old] = next
        next += 1
      }
      labels[voxel] = numbers[old]
    }
    count = Int(next)
  }

  /// Number of bins.
  private(set) var count = 0
}
