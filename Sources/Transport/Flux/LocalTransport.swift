public import Volumetry

/// Transport in the cells of a coarser grid, from one solved field.
///
/// With the flux j (relative to an empty box) and the gradient g (relative to that of the box), both
/// averaged over a cell, the local effective diffusivity is `D = |<j>|^2 / <j . g>`: the mean flux over
/// the gradient averaged with the flux as weight. By the equality of dissipation (R. Hill, J. Mech. Phys.
/// Solids 11 (1963) 357) it is exact for layers in series and side by side, and by the Cauchy-Schwarz
/// inequality the local tortuosity factor `porosity / D` is never below 1. A plain quotient of averages
/// would give D = porosity in every cell, since flux and gradient are equal in the pores.
public struct LocalTransport: Sendable {
  /// The coarse grid.
  public let grid: Grid
  /// Share of the cell's voxels that conduct; NaN where the cell holds no voxel centre.
  public let porosity: [Float]
  /// Local relative effective diffusivity; NaN where nothing flows.
  public let effectiveDiffusivity: [Float]
  /// Local tortuosity factor: mean diffusivity over effective diffusivity; NaN where nothing flows.
  public let tortuosityFactor: [Float]
  /// Mean flux (x, y, z) over the cell relative to an empty box; NaN where there is no voxel centre.
  public let flux: [SIMD3<Float>]
}

extension DiffusionField {
  /// Local transport in blocks of voxels; the last block along an axis may hold fewer.
  ///
  /// - Throws: `usage` where a side of the block is below one or longer than the volume.
  public func local(blocks: Shape) throws(VoxelithError) -> LocalTransport {
    for axis in Axis.allCases where !(1...grid.shape[axis]).contains(blocks[axis]) {
      throw VoxelithError(.usage, "a block of \(blocks) voxels does not fit a volume of \(grid.shape)")
    }
    var coarse = grid
    let scale = SIMD3(Double(blocks.x), Double(blocks.y), Double(blocks.z))
    coarse.spacing *= scale
    for axis in Axis.allCases {
      coarse.shape[axis] = (grid.shape[axis] + blocks[axis] - 1) / blocks[axis]
    }
    return try local(on: coarse)
  }

  /// Local transport on any coarser grid; a voxel belongs to the cell that holds its centre.
  ///
  /// - Throws: `data` where the grid is not usable.
  public func local(on coarse: Grid) throws(VoxelithError) -> LocalTransport {
    try coarse.validate()
    let columns = Axis.allCases.map { axis in cellNumbers(axis, coarse) }
    let (cellZ, cellY, cellX) = (columns[0], columns[1], columns[2])
    let field = self
    let values = [0] + conductivity.values
    let width = coarse.shape.x
    var total = [CellSum](repeating: CellSum(), count: coarse.shape.count)
    let fine = flows.fine
    let batch = 4 * fine.threads
    for first in stride(from: 0, to: grid.shape.z, by: batch) {
      let slices = try Parallel.map(min(batch, grid.shape.z - first), threads: fine.threads) { index in
        let z = first + index
        var sums = [CellSum](repeating: CellSum(), count: coarse.shape.y * width)
        guard cellZ[z] >= 0 else { return sums }
        for y in 0..<field.grid.shape.y where cellY[y] >= 0 {
          for x in 0..<field.grid.shape.x where cellX[x] >= 0 {
            let position = Shape(z: z, y: y, x: x)
            let voxel = field.grid.shape.index(z: z, y: y, x: x)
            field.add(voxel, at: position, values: values, to: &sums[cellY[y] * width + cellX[x]])
          }
        }
        fine.memory.touched(10 * fine.slice)
        return sums
      }
      for index in slices.indices where cellZ[first + index] >= 0 {
        let base = cellZ[first + index] * coarse.shape.y * width
        for cell in slices[index].indices { total[base + cell].add(slices[index][cell]) }
      }
    }
    return LocalTransport(
      grid: coarse, porosity: total.map(\.porosity), effectiveDiffusivity: total.map(\.effectiveDiffusivity),
      tortuosityFactor: total.map(\.tortuosity), flux: total.map(\.meanFlux))
  }

  /// Cell along an axis for each voxel along it; -1 outside the coarse grid.
  private func cellNumbers(_ axis: Axis, _ coarse: Grid) -> [Int] {
    (0..<grid.shape[axis]).map { index in
      let center = grid.center(z: index, y: index, x: index)
      let cell = (coarse.coordinates(of: center) + 0.5).rounded(.down)
      let value: Double
      switch axis {
      case .z: value = cell.z
      case .y: value = cell.y
      case .x: value = cell.x
      }
      return value >= 0 && value < Double(coarse.shape[axis]) ? Int(value) : -1
    }
  }

  private func add(_ voxel: Int, at position: Shape, values: [Double], to sum: inout CellSum) {
    let value = values[Int(flows.cells[voxel] >> PhaseMap.classShift)]
    sum.voxels += 1
    sum.diffusivity += value
    if value > 0 { sum.conducting += 1 }
    guard flows.fine.isActive(voxel) else { return }
    sum.flux += flux(voxel, at: position)
    sum.dissipation += flows.ownPower(voxel, at: position) * dissipationScale
  }

  /// An empty box dissipates `weight / layers^2` in each voxel.
  private var dissipationScale: Double {
    Double(grid.shape[axis] * grid.shape[axis]) / flows.exactWeight(axis)
  }
}

/// Sums over the voxels of a cell.
private struct CellSum: Sendable {
  var voxels = 0.0
  var conducting = 0.0
  var diffusivity = 0.0
  var dissipation = 0.0
  var flux = SIMD3<Double>.zero

  mutating func add(_ other: CellSum) {
    voxels += other.voxels
    conducting += other.conducting
    diffusivity += other.diffusivity
    dissipation += other.dissipation
    flux += other.flux
  }

  var porosity: Float { Float(conducting / voxels) }
  var meanFlux: SIMD3<Float> { SIMD3<Float>(flux / voxels) }

  var effectiveDiffusivity: Float { Float(effective) }
  var tortuosity: Float { Float(diffusivity / voxels / effective) }

  private var effective: Double {
    let flux = flux / voxels
    return dissipation > 0 ? (flux * flux).sum() / (dissipation / voxels) : .nan
  }
}
