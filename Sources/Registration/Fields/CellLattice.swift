import CRegistrationKernels
import Volumetry

/// How coarse voxels are divided into cells that collect fine voxels.
struct CellLattice: Sendable {
  let target: Grid
  /// Cells per coarse voxel along each axis.
  let division: Shape
  /// Points per fine voxel along each axis.
  let points: Int
  /// Standard deviations of the blur that is left for the cells, in cells (x, y, z).
  let sigma: SIMD3<Double>
  /// Axes (x, y, z) along which a point is shared between its cell and the two beside it, by a quadratic B-spline. Dropped
  /// into one cell, points see the point spread as a staircase, whose error falls with the cell's width alone.
  let isShared: SIMDMask<SIMD3<Double.SIMDMaskScalar>>
  /// Coarse voxels that the point spread reaches.
  let halo: Shape
  /// Points that fall into one cell where the fine volume covers it.
  let fullWeight: Double

  static let truncation = 4.0

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
    let width = sigma / cell
    let isShared = width .>= 0.8
    // Along a shared axis points need to be dense against the point spread only, else against the cells.
    let apart = (cell / 3).replacing(with: 0.8 * sigma, where: isShared)
    let points = max(1, min(8, Int((step / apart.min()).rounded(.up))))
    self.points = points
    self.isShared = isShared
    // In squared cells, the spline adds a quarter to the variance, of which the voxel's box lacks a twelfth, being a sum over
    // cells' centres; that a point stands for its part of a fine voxel asks for a twelfth of the part's square more.
    let part = fine.spacing / transform.scale / Double(points) / cell
    let rest = width * width - SIMD3(repeating: 1.0 / 6) + part * part / 12
    self.sigma = width.replacing(with: rest.squareRoot(), where: isShared)
    // The outermost cells want points from beyond them where points are shared.
    let edge = SIMD3<Double>.zero.replacing(with: 2 * cell, where: isShared)
    let reach = (Self.truncation * sigma + edge) / target.spacing + 1e-9
    halo = Shape(
      z: Int(reach.z.rounded(.up)), y: Int(reach.y.rounded(.up)), x: Int(reach.x.rounded(.up)))
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
  private let channels: Int
  /// By channel, then cell.
  private var sums: [Float]
  /// Points that fell into each cell: by channel, then cell, or by cell for all classes.
  private var weights: [Float]
  private let cells: vrk_cells

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
    cells = vrk_cells(shape, sharedAlong: lattice.isShared)
    self.channels = channels
    sums = [Float](repeating: 0, count: channels * shape.count)
    weights = [Float](repeating: 0, count: (isClasses ? 1 : channels) * shape.count)
  }

  /// Drops the voxels of a piece of the fine grid into the cells.
  mutating func add(_ content: FinePiece, piece: Region, fine: Grid, back: SpatialTransform) {
    let map = VoxelMap(from: fine, through: back, to: grid)
    let n = lattice.points
    var row = CellRow(count: piece.shape.x)
    for z in 0..<piece.shape.z {
      for y in 0..<piece.shape.y {
        let start = (z * piece.shape.y + y) * piece.shape.x
        for point in 0..<(n * n * n) {
          func part(_ k: Int) -> Double { (Double(k) + 0.5) / Double(n) - 0.5 }
          let origin = map(
            x: Double(piece.lower.x) + part(point % n), y: Double(piece.lower.y + y) + part((point / n) % n),
            z: Double(piece.lower.z + z) + part(point / (n * n)))
          row.locate(origin: origin + 0.5, step: map.columns.x, cells)
          switch content {
          case .values(let channels):
            for channel in channels.indices {
              row.deposit(channels[channel], from: start, channel: channel, cells, &sums, &weights)
            }
          case .classes(let classes):
            row.count(classes, from: start, cells, &sums, &weights)
          }
        }
      }
    }
  }

  /// Blurred means over the coarse voxels of the block, NaN where too little is covered; after the channels the
  /// covered part of each voxel, as the last channel has it.
  func means(core: Region, minimumCoverage: Double) -> [[Float]] {
    let n = lattice.division
    let full = lattice.fullWeight * Double(n.count)
    let least = minimumCoverage * full
    var coverage: [Float] = []
    let blurredWeights = (0..<(weights.count / cells.count)).map { blurred(weights, channel: $0) }
    var results: [[Float]] = []
    for channel in 0..<channels {
      let sum = blurred(sums, channel: channel)
      let weight = blurredWeights[min(channel, blurredWeights.count - 1)]
      var result: [Float] = []
      result.reserveCapacity(core.count)
      coverage.removeAll(keepingCapacity: true)
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
            coverage.append(Float(min(1, cover / full)))
          }
        }
      }
      results.append(result)
    }
    return results + [coverage]
  }

  private func blurred(_ values: [Float], channel: Int) -> [Float] {
    let own = Array(values[(channel * cells.count)..<((channel + 1) * cells.count)])
    return SeparableFilter.gaussian(
      own, shape: grid.shape, sigma: lattice.sigma, truncate: CellLattice.truncation, threads: 1)
  }
}
