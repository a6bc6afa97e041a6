public import Volumetry

/// Which cell of a coarser grid holds the centre of each voxel of a finer one.
public struct CellMap: Sendable {
  public let fine: Grid
  public let coarse: Grid
  private let z: [Int]
  private let y: [Int]
  private let x: [Int]

  public init(fine: Grid, coarse: Grid) {
    func cells(_ count: Int, _ axis: Int, _ cells: Int) -> [Int] {
      (0..<count).map { i in
        let center = fine.origin[axis] + (Double(i) + 0.5) * fine.spacing[axis]
        let cell = ((center - coarse.origin[axis]) / coarse.spacing[axis]).rounded(.down)
        return cell >= 0 && cell < Double(cells) ? Int(cell) : -1
      }
    }
    self.fine = fine
    self.coarse = coarse
    z = cells(fine.shape.z, 2, coarse.shape.z)
    y = cells(fine.shape.y, 1, coarse.shape.y)
    x = cells(fine.shape.x, 0, coarse.shape.x)
  }

  /// A single cell that holds everything.
  public init(whole fine: Grid) {
    self.init(
      fine: fine,
      coarse: Grid(shape: Shape(z: 1, y: 1, x: 1), spacing: fine.extent, origin: fine.origin))
  }

  /// Cells of `factor` voxels a side; the last ones may reach beyond the fine grid.
  public init(fine: Grid, factor: Shape) {
    let steps = SIMD3(Double(factor.x), Double(factor.y), Double(factor.z))
    var shape = fine.shape
    for axis in Axis.allCases {
      shape[axis] = (fine.shape[axis] + factor[axis] - 1) / factor[axis]
    }
    self.init(
      fine: fine,
      coarse: Grid(
        shape: shape, spacing: fine.spacing * steps, origin: fine.origin,
        hasKnownSpacing: fine.hasKnownSpacing))
  }

  var count: Int { coarse.shape.count }

  /// Whether the centre of some voxel lies in a cell.
  var holdsVoxels: Bool { [z, y, x].allSatisfy { $0.contains { $0 >= 0 } } }

  /// Position of a voxel's cell; nil outside the coarse grid.
  func cell(z: Int, y: Int, x: Int) -> Int? {
    let (cz, cy, cx) = (self.z[z], self.y[y], self.x[x])
    guard cz >= 0 && cy >= 0 && cx >= 0 else { return nil }
    return coarse.shape.index(z: cz, y: cy, x: cx)
  }

  /// The first cell of a row of voxels, or nil where the row misses the coarse grid, to be added to
  /// ``columns``.
  func row(z: Int, y: Int) -> Int? {
    guard self.z[z] >= 0 && self.y[y] >= 0 else { return nil }
    return coarse.shape.index(z: self.z[z], y: self.y[y], x: 0)
  }

  /// Layer of cells that holds a slice of voxels; nil outside the coarse grid.
  func layer(z: Int) -> Int? { self.z[z] >= 0 ? self.z[z] : nil }

  /// Cell along x of each voxel of a row, -1 outside.
  var columns: [Int] { x }
}

/// A number for each cell of a grid, as the ratio of two sums.
public struct CellField: Sendable {
  public let grid: Grid
  var sums: [Double]
  var weights: [Double]

  init(grid: Grid, sums: [Double], weights: [Double]) {
    self.grid = grid
    self.sums = sums
    self.weights = weights
  }

  /// The field; NaN in cells without data.
  public var volume: Volume<Float> {
    Volume(
      grid: grid, voxels: zip(sums, weights).map { $1 > 0 ? Float($0 / $1) : .nan })
  }

  /// The number over all cells.
  public var mean: Double { sums.reduce(0, +) / weights.reduce(0, +) }
}
