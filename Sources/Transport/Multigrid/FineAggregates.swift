import Volumetry

/// How voxels are joined into the unknowns of the first coarse level.
///
/// The voxels of a block of 2x2x2 that hang together through strong faces within the block become
/// one unknown, so pores on both sides of a thin wall stay apart. An unknown is found from the
/// first number of its block and from the piece (0 to 7) that the voxel's byte in the phase map keeps.
struct FineAggregates: Sendable {
  let lattice: Lattice
  let coarse: Lattice
  /// Number of the first unknown of each block; one more entry at the end.
  let blockStart: PagedArray<Int32>
  /// The phase map's bytes: piece numbers in the lower three bits.
  let cells: PagedArray<UInt8>

  var count: Int { Int(blockStart[blockStart.count - 1]) }

  /// Writes the piece numbers into `cells`, whose memory is then shared.
  init(
    operator fine: FineOperator, cells: PagedArray<UInt8>, spacing: SIMD3<Double>
  ) throws(VoxelithError) {
    lattice = Lattice(shape: fine.shape, spacing: spacing)
    coarse = lattice.coarser
    let (lattice, coarse) = (lattice, coarse)
    let blockSlice = coarse.shape.y * coarse.shape.x
    let memory = fine.memory
    let starts = try PagedArray<Int32>(repeating: 0, count: coarse.shape.count + 1, in: memory)
    let blockCuts = (0...coarse.shape.z).map { $0 * blockSlice }
    var cellSpan = cells.mutableSpan
    var startSpan = starts.mutableSpan
    Parallel.forEachPiece(
      of: &cellSpan, cuts: Self.voxelCuts(lattice, coarse), and: &startSpan, cuts: blockCuts,
      threads: fine.threads
    ) { bz, pieceBytes, counts in
      var finder = BlockPieces(operator: fine, lattice: lattice)
      for by in 0..<coarse.shape.y {
        for bx in 0..<coarse.shape.x {
          finder.load(bz: bz, by: by, bx: bx)
          if finder.mask == 0 { continue }
          counts[by * coarse.shape.x + bx] = Int32(finder.split())
          finder.store(into: &pieceBytes)
        }
      }
      memory.touched(6 * pieceBytes.count)
    }
    try Cancellation.poll()
    var total: Int32 = 0
    var sums = starts.mutableSpan
    memory.inBlocks(of: sums.count, bytes: 4) { blocks in
      for index in blocks {
        let count = sums[index]
        sums[index] = total
        total += count
      }
    }
    blockStart = starts
    self.cells = cells
  }

  /// Where the slices that make up each slab of blocks begin.
  var voxelCuts: [Int] { Self.voxelCuts(lattice, coarse) }

  /// Where the unknowns of each slab of blocks begin.
  var unknownCuts: [Int] {
    let blockSlice = coarse.shape.y * coarse.shape.x
    return (0...coarse.shape.z).map { Int(blockStart[$0 * blockSlice]) }
  }

  private static func voxelCuts(_ lattice: Lattice, _ coarse: Lattice) -> [Int] {
    let slab = lattice.factors.z * lattice.shape.y * lattice.shape.x
    return (0...coarse.shape.z).map { min($0 * slab, lattice.shape.count) }
  }

  /// Number of the unknown that an active voxel belongs to.
  func unknown(z: Int, y: Int, x: Int) -> Int {
    let block = coarse.shape.index(
      z: z >> lattice.shifts.z, y: y >> lattice.shifts.y, x: x >> lattice.shifts.x)
    let piece = cells[lattice.shape.index(z: z, y: y, x: x)] & PhaseMap.pieceMask
    return Int(blockStart[block]) + Int(piece)
  }
}

/// Finds the pieces of one block after the other.
private struct BlockPieces {
  private let fine: FineOperator
  private let factors: Shape
  private let table = BlockPieces.makeTable()
  private var origin = Shape(z: 0, y: 0, x: 0)
  private var slabStart = 0
  /// Bit dz*4 + dy*2 + dx is set where that voxel of the block is active.
  private(set) var mask = 0
  private var pieces = SIMD8<UInt8>.zero

  /// Corners that share a face: lower corner, upper corner, axis.
  private static let edges: [(Int, Int, Axis)] = (0..<8).flatMap { corner in
    [(1, Axis.x), (2, .y), (4, .z)].compactMap { bit, axis in
      corner & bit == 0 ? (corner, corner | bit, axis) : nil
    }
  }

  init(operator fine: FineOperator, lattice: Lattice) {
    self.fine = fine
    factors = lattice.factors
  }

  mutating func load(bz: Int, by: Int, bx: Int) {
    origin = Shape(z: bz * factors.z, y: by * factors.y, x: bx * factors.x)
    slabStart = origin.z * fine.slice
    mask = 0
    for dz in 0..<min(factors.z, fine.shape.z - origin.z) {
      for dy in 0..<min(factors.y, fine.shape.y - origin.y) {
        let row = fine.shape.index(z: origin.z + dz, y: origin.y + dy, x: origin.x)
        for dx in 0..<min(factors.x, fine.shape.x - origin.x) where fine.isActive(row + dx) {
          mask |= 1 << (dz * 4 + dy * 2 + dx)
        }
      }
    }
  }

  /// Number of pieces.
  mutating func split() -> Int {
    if fine.isUniform {
      pieces = table[mask]
      var most: UInt8 = 0
      for corner in 0..<8 where mask >> corner & 1 == 1 { most = max(most, pieces[corner]) }
      return Int(most) + 1
    }
    let (split, count) = Self.pieces(mask) { lower, upper, axis in
      fine.isStrong(voxel(lower), voxel(upper), across: axis)
    }
    pieces = split
    return count
  }

  func store(into bytes: inout MutableSpan<UInt8>) {
    for corner in 0..<8 where mask >> corner & 1 == 1 {
      let local = voxel(corner) - slabStart
      bytes[local] = bytes[local] & ~PhaseMap.pieceMask | pieces[corner]
    }
  }

  private func voxel(_ corner: Int) -> Int {
    fine.shape.index(
      z: origin.z + corner >> 2, y: origin.y + (corner >> 1 & 1), x: origin.x + (corner & 1))
  }

  /// Pieces of every pattern of active voxels when all faces join.
  private static func makeTable() -> [SIMD8<UInt8>] {
    (0..<256).map { pieces($0) { _, _, _ in true }.0 }
  }

  private static func pieces(
    _ mask: Int, joins: (Int, Int, Axis) -> Bool
  ) -> (SIMD8<UInt8>, Int) {
    var root = SIMD8<UInt8>(0, 1, 2, 3, 4, 5, 6, 7)
    for (lower, upper, axis) in edges where mask >> lower & 1 == 1 && mask >> upper & 1 == 1 {
      guard root[lower] != root[upper], joins(lower, upper, axis) else { continue }
      let (low, high) = (min(root[lower], root[upper]), max(root[lower], root[upper]))
      for corner in 0..<8 where root[corner] == high { root[corner] = low }
    }
    var number = SIMD8<UInt8>.zero
    var count = 0
    for corner in 0..<8 where mask >> corner & 1 == 1 {
      if root[corner] == UInt8(corner) {
        number[corner] = UInt8(count)
        count += 1
      } else {
        number[corner] = number[Int(root[corner])]
      }
    }
    return (number, count)
  }
}

extension FineOperator {
  /// Whether a face is strong enough to join its voxels: within a factor of four of what either voxel
  /// could have with its own kind.
  fileprivate func isStrong(_ first: Int, _ second: Int, across axis: Axis) -> Bool {
    4 * conductance(first, second, across: axis) * min(medium[first], medium[second]) >= weight(axis)
  }
}
