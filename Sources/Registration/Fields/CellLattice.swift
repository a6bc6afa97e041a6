import Volumetry

/// How coarse voxels are divided into cells that collect fine voxels.
struct CellLattice: Sendable {
  let target: Grid
  /// Cells per coarse voxel along each axis.
  let division: Shape
  /// Points per fine voxel along each axis, so that no cell stays empty.
  let points: Int
  /// Standard deviations of the point spread in cells (x, y, z).
  let sigma: SIMD3<Double>
  /// Coarse voxels that the point spread reaches.
  let halo: Shape
  /// Points that fall into one cell where the fine volume covers it.
  let fullWeight: Double

  static let truncation = 3.0

  init(target: Grid, fine: Grid, transform: SpatialTransform, sigma: SIMD3<Double>) {
    let step = fine.spacing.max() / transform.scale
    func parts(_ width: Double, _ sigma: Double) -> Int {
      // Four cells a voxel, or two a sigma of a narrow spread, but none smaller than the fine voxels.
      let wanted = sigma > 0 ? max(4, Int((2 * width / sigma).rounded(.up))) : 2
      return max(1, min(wanted, Int(width / step)))
    }
    division = Shape(
      z: parts(target.spacing.z, sigma.z), y: parts(target.spacing.y, sigma.y),
      x: parts(target.spacing.x, sigma.x))
    let cell = target.spacing / SIMD3(Double(division.x), Double(division.y), Double(division.z))
    points = max(1, min(8, Int((3 * step / cell.min()).rounded(.up))))
    self.sigma = sigma / cell
    func reach(_ sigma: Double, _ width: Double) -> Int {
      Int((Self.truncation * sigma / width + 1e-9).rounded(.up))
    }
    halo = Shape(
      z: reach(sigma.z, target.spacing.z), y: reach(sigma.y, target.spacing.y),
      x: reach(sigma.x, target.spacing.x))
    self.target = target
    let scale = transform.scale
    let pointVolume =
      fine.spacing.x * fine.spacing.y * fine.spacing.z / (scale * scale * scale)
      / Double(points * points * points)
    fullWeight = cell.x * cell.y * cell.z / pointVolume
  }
}

/// What a piece of the fine volume holds, voxel by voxel.
enum FinePiece {
  /// Values of several quantities, NaN where missing.
  case values([[Float]])
  /// Number of the class that a voxel belongs to; -1 for none of them.
  case classes([Int8])
}

/// Sums of the points of every cell around a block of coarse voxels.
struct CellSums {
  let lattice: CellLattice
  /// The cells, which may reach beyond the coarse grid.
  let grid: Grid
  private var sums: [[Float]]
  /// Points that fell into each cell: one array per channel, or one for all classes.
  private var weights: [[Float]]

  /// - Parameter isClasses: whether the channels are classes, of which a voxel has one at most.
  init(lattice: CellLattice, core: Region, channels: Int, isClasses: Bool = false) {
    let halo = lattice.halo
    let n = lattice.division
    let shape = Shape(
      z: (core.shape.z + 2 * halo.z) * n.z, y: (core.shape.y + 2 * halo.y) * n.y,
      x: (core.shape.x + 2 * halo.x) * n.x)
    let cell = lattice.target.spacing / SIMD3(Double(n.x), Double(n.y), Double(n.z))
    let first = SIMD3(
      Double(core.lower.x - halo.x), Double(core.lower.y - halo.y), Double(core.lower.z - halo.z))
    grid = Grid(
      shape: shape, spacing: cell, origin: lattice.target.origin + first * lattice.target.spacing)
    self.lattice = lattice
    let zeros = [Float](repeating: 0, count: shape.count)
    sums = [[Float]](repeating: zeros, count: channels)
    weights = [[Float]](repeating: zeros, count: isClasses ? 1 : channels)
  }

  /// Drops the voxels of a piece of the fine grid into the cells.
  mutating func add(_ content: FinePiece, piece: Region, fine: Grid, back: SpatialTransform) {
    let map = VoxelMap(from: fine, through: back, to: grid)
    let n = lattice.points
    var row = [Int32](repeating: -1, count: piece.shape.x)
    for z in 0..<piece.shape.z {
      for y in 0..<piece.shape.y {
        let start = (z * piece.shape.y + y) * piece.shape.x
        for point in 0..<(n * n * n) {
          func part(_ k: Int) -> Double { (Double(k) + 0.5) / Double(n) - 0.5 }
          let origin = map(
            x: Double(piece.lower.x) + part(point % n), y: Double(piece.lower.y + y) + part((point / n) % n),
            z: Double(piece.lower.z + z) + part(point / (n * n)))
          locate(&row, origin: origin + 0.5, step: map.columns.x, shape: grid.shape)
          switch content {
          case .values(let channels):
            for channel in channels.indices {
              deposit(channels[channel], from: start, row, &sums[channel], &weights[channel])
            }
          case .classes(let classes):
            for index in sums.indices {
              count(classes, from: start, of: Int8(truncatingIfNeeded: index), row, &sums[index])
            }
            countAll(row, &weights[0])
          }
        }
      }
    }
  }

  /// Blurred means over the coarse voxels of the block; NaN where too little is covered.
  func means(core: Region, minimumCoverage: Double) -> [[Float]] {
    let n = lattice.division
    let least = minimumCoverage * lattice.fullWeight * Double(n.count)
    let blurredWeights = weights.map { blurred($0) }
    var results: [[Float]] = []
    for channel in sums.indices {
      let sum = blurred(sums[channel])
      let weight = blurredWeights[min(channel, blurredWeights.count - 1)]
      var result: [Float] = []
      result.reserveCapacity(core.count)
      for z in 0..<core.shape.z {
        for y in 0..<core.shape.y {
          for x in 0..<core.shape.x {
            var total = 0.0
            var cover = 0.0
            for k in 0..<n.z {
              for j in 0..<n.y {
                let at = grid.shape.index(
                  z: (z + lattice.halo.z) * n.z + k, y: (y + lattice.halo.y) * n.y + j,
                  x: (x + lattice.halo.x) * n.x)
                for i in 0..<n.x {
                  total += Double(sum[at + i])
                  cover += Double(weight[at + i])
                }
              }
            }
            result.append(cover >= least && cover > 0 ? Float(total / cover) : .nan)
          }
        }
      }
      results.append(result)
    }
    return results
  }

  private func blurred(_ values: [Float]) -> [Float] {
    SeparableFilter.gaussian(
      values, shape: grid.shape, sigma: lattice.sigma, truncate: CellLattice.truncation, threads: 1)
  }
}

/// Cell numbers of a row of points; -1 outside.
private func locate(_ row: inout [Int32], origin: SIMD3<Double>, step: SIMD3<Double>, shape: Shape) {
  let size = SIMD3(Double(shape.x), Double(shape.y), Double(shape.z))
  var span = row.mutableSpan
  for i in span.indices {
    let c = origin + Double(i) * step
    if c.x >= 0 && c.y >= 0 && c.z >= 0 && c.x < size.x && c.y < size.y && c.z < size.z {
      span[i] = Int32(truncatingIfNeeded: (Int(c.z) * shape.y + Int(c.y)) * shape.x + Int(c.x))
    } else {
      span[i] = -1
    }
  }
}

private func deposit(
  _ all: [Float], from start: Int, _ cells: [Int32], _ sums: inout [Float], _ weights: inout [Float]
) {
  let row = cells.span
  let values = all.span.extracting(start..<(start + row.count))
  var sum = sums.mutableSpan
  var weight = weights.mutableSpan
  for i in row.indices where row[i] >= 0 {
    let value = values[i]
    if value.isNaN { continue }
    sum[Int(row[i])] += value
    weight[Int(row[i])] += 1
  }
}

private func count(
  _ all: [Int8], from start: Int, of wanted: Int8, _ cells: [Int32], _ sums: inout [Float]
) {
  let row = cells.span
  let classes = all.span.extracting(start..<(start + row.count))
  var sum = sums.mutableSpan
  for i in row.indices where classes[i] == wanted && row[i] >= 0 { sum[Int(row[i])] += 1 }
}

private func countAll(_ cells: [Int32], _ weights: inout [Float]) {
  let row = cells.span
  var weight = weights.mutableSpan
  for i in row.indices where row[i] >= 0 { weight[Int(row[i])] += 1 }
}
