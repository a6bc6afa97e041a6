import Volumetry

extension SparseGraph {
  /// The first coarse level: conductances of the voxel faces between different unknowns.
  init(_ aggregates: FineAggregates, operator fine: FineOperator) throws(VoxelithError) {
    let coarse = aggregates.coarse.shape
    try self.init(
      pieces: coarse.z, driven: fine.boundary.driven, memory: fine.memory, threads: fine.threads
    ) { bz in
      var rows = FineBlockRows(aggregates: aggregates, operator: fine)
      for by in 0..<coarse.y {
        for bx in 0..<coarse.x { rows.append(bz: bz, by: by, bx: bx) }
      }
      fine.memory.touched(aggregates.lattice.factors.z * fine.slice * (fine.isUniform ? 4 : 12))
      return rows.piece
    }
  }
}

/// Forms the rows of one slab of blocks.
private struct FineBlockRows {
  let aggregates: FineAggregates
  let fine: FineOperator
  private(set) var piece = SparseGraph.Piece()

  init(aggregates: FineAggregates, operator fine: FineOperator) {
    self.aggregates = aggregates
    self.fine = fine
  }

  mutating func append(bz: Int, by: Int, bx: Int) {
    let block = aggregates.coarse.shape.index(z: bz, y: by, x: bx)
    let first = Int(aggregates.blockStart[block])
    let end = Int(aggregates.blockStart[block + 1])
    let factors = aggregates.lattice.factors
    let shape = fine.shape
    let cell = Cell(z: UInt16(bz), y: UInt16(by), x: UInt16(bx))
    for unknown in first..<end {
      for z in (bz * factors.z)..<min((bz + 1) * factors.z, shape.z) {
        for y in (by * factors.y)..<min((by + 1) * factors.y, shape.y) {
          for x in (bx * factors.x)..<min((bx + 1) * factors.x, shape.x) {
            let voxel = shape.index(z: z, y: y, x: x)
            let number = first + Int(aggregates.cells[voxel] & PhaseMap.pieceMask)
            if number == unknown && fine.isActive(voxel) {
              addFaces(of: voxel, at: Shape(z: z, y: y, x: x), unknown: unknown)
            }
          }
        }
      }
      piece.endRow(cell: cell)
    }
  }

  private mutating func addFaces(of voxel: Int, at position: Shape, unknown: Int) {
    addFace(of: voxel, at: position, across: .z, upper: false, unknown: unknown)
    addFace(of: voxel, at: position, across: .z, upper: true, unknown: unknown)
    addFace(of: voxel, at: position, across: .y, upper: false, unknown: unknown)
    addFace(of: voxel, at: position, across: .y, upper: true, unknown: unknown)
    addFace(of: voxel, at: position, across: .x, upper: false, unknown: unknown)
    addFace(of: voxel, at: position, across: .x, upper: true, unknown: unknown)
  }

  @inline(__always)
  private mutating func addFace(
    of voxel: Int, at position: Shape, across axis: Axis, upper: Bool, unknown: Int
  ) {
    var other = position
    other[axis] += upper ? 1 : -1
    if other[axis] < 0 || other[axis] >= fine.shape[axis] {
      if fine.boundary[axis].isFixed(upper: upper) {
        return piece.addGround(fine.faceConductance(voxel, across: axis))
      }
      guard fine.boundary[axis] == .periodic else { return }
      other[axis] = upper ? 0 : fine.shape[axis] - 1
    }
    let neighbour = fine.shape.index(z: other.z, y: other.y, x: other.x)
    guard fine.isActive(neighbour) else { return }
    let conductance = fine.conductance(voxel, neighbour, across: axis)
    let column = aggregates.unknown(z: other.z, y: other.y, x: other.x)
    if column != unknown {
      piece.add(conductance, to: column)
    } else if upper {
      piece.addInner(conductance, across: axis)
    }
  }
}
