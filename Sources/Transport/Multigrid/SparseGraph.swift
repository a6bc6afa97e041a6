import Volumetry

/// A symmetric matrix of a coarse level as a weighted graph: row i is
/// `diagonal[i] x[i] - sum of weight * x[column]`.
struct SparseGraph: Sendable {
  /// Entries of row i are `offsets[i] ..< offsets[i + 1]`.
  private(set) var offsets: PagedArray<Int32>
  private(set) var columns: PagedArray<Int32>
  private(set) var weights: PagedArray<Float>
  private(set) var inverseDiagonal: PagedArray<Float>
  /// Cell of the lattice that each unknown lies in; dropped once the next level is built.
  var cells: PagedArray<Cell>

  var count: Int { inverseDiagonal.count }
  var memory: WorkingMemory { columns.memory }

  func entries(ofRow row: Int) -> Range<Int> { Int(offsets[row])..<Int(offsets[row + 1]) }

  /// Builds the rows piece by piece, and turns their sums into the conductances between the centres of
  /// the unknowns.
  ///
  /// The faces between two unknowns with sum G lie in series with half of either unknown, whose inner
  /// faces across the same axis sum to C: `1 / (1/G + 1/2C + 1/2C')`, but never less than G / 2. Plain
  /// Galerkin sums G are twice too stiff in open pores; halving them all is right there but makes
  /// pockets behind narrow necks too loose, twice more on every level.
  ///
  /// - Parameters:
  ///   - pieceCount: number of pieces. A few are held at a time, so that their memory is used again.
  ///   - driven: the axis that fixed faces lie across.
  ///   - makePiece: the rows of one piece; pieces follow one another.
  init(
    pieces pieceCount: Int, driven: Axis, memory: WorkingMemory, threads: Int,
    _ makePiece: @Sendable (Int) -> Piece
  ) throws(VoxelithError) {
    offsets = try PagedArray(repeating: 0, count: 1, in: memory)
    columns = try PagedArray(in: memory)
    weights = try PagedArray(in: memory)
    cells = try PagedArray(in: memory)
    let inner = try PagedArray<SIMD3<Float>>(in: memory)
    let grounds = try PagedArray<Float>(in: memory)
    let batch = 4 * threads
    for first in stride(from: 0, to: pieceCount, by: batch) {
      let pieces = try Parallel.map(min(batch, pieceCount - first), threads: threads) {
        makePiece(first + $0)
      }
      for piece in pieces {
        guard columns.count + piece.columns.count <= Int(Int32.max) else {
          throw VoxelithError(
            .usage, "the coarse levels have more than the 2147483647 faces that can be numbered",
            advice: "coarsen the volume, or solve a part of it")
        }
        try offsets.append(contentsOf: piece.offsets(from: offsets[offsets.count - 1]).span)
        try columns.append(contentsOf: piece.columns.span)
        try weights.append(contentsOf: piece.weights.span)
        try cells.append(contentsOf: piece.cells.span)
        try inner.append(contentsOf: piece.inner.span)
        try grounds.append(contentsOf: piece.grounds.span)
      }
    }
    inverseDiagonal = try PagedArray(repeating: 0, count: grounds.count, in: memory)
    let joining = Joining(
      offsets: offsets, columns: columns, cells: cells, inner: inner, grounds: grounds, driven: driven)
    joining.join(weights, inverse: inverseDiagonal, threads: threads)
    try Cancellation.poll()
  }

  /// What turns sums over faces into conductances between centres.
  private struct Joining: Sendable {
    let offsets: PagedArray<Int32>
    let columns: PagedArray<Int32>
    let cells: PagedArray<Cell>
    let inner: PagedArray<SIMD3<Float>>
    let grounds: PagedArray<Float>
    let driven: Axis

    func join(_ weights: PagedArray<Float>, inverse: PagedArray<Float>, threads: Int) {
      let chunk = 4096
      let memory = columns.memory
      let rowCuts = Parallel.cuts(of: grounds.count, stride: chunk)
      let entryCuts = rowCuts.map { Int(offsets[$0]) }
      var allWeights = weights.mutableSpan
      var allInverse = inverse.mutableSpan
      Parallel.forEachPiece(
        of: &allWeights, cuts: entryCuts, and: &allInverse, cuts: rowCuts, threads: threads
      ) { index, weights, inverse in
        for i in inverse.indices {
          let row = rowCuts[index] + i
          let ground = inSeries(grounds[row], inner[row][driven], 0)
          var diagonal = ground
          for entry in Int(offsets[row])..<Int(offsets[row + 1]) {
            let column = Int(columns[entry])
            let axis = cells[row].axis(to: cells[column]) ?? driven
            let weight = inSeries(
              weights[entry - entryCuts[index]], inner[row][axis], inner[column][axis])
            weights[entry - entryCuts[index]] = weight
            diagonal += weight
          }
          inverse[i] = diagonal > 0 ? 1 / diagonal : 0
        }
        memory.touched(40 * inverse.count + 8 * weights.count)
      }
    }
  }

  /// Consecutive rows under construction.
  struct Piece: Sendable {
    fileprivate var entryCounts: [Int32] = []
    fileprivate var columns: [Int32] = []
    fileprivate var weights: [Float] = []
    fileprivate var cells: [Cell] = []
    fileprivate var inner: [SIMD3<Float>] = []
    fileprivate var grounds: [Float] = []
    private var rowStart = 0
    private var rowInner = SIMD3<Float>.zero
    private var rowGround: Float = 0

    /// Where the entries of each row end, if those before end at `start`.
    fileprivate func offsets(from start: Int32) -> [Int32] {
      var end = start
      return entryCounts.map { count in
        end += count
        return end
      }
    }

    /// Adds a conductance from the current row to another unknown.
    mutating func add(_ weight: Float, to column: Int) {
      let column = Int32(column)
      var index = rowStart
      while index < columns.count {
        if columns[index] == column {
          weights[index] += weight
          return
        }
        index += 1
      }
      columns.append(column)
      weights.append(weight)
    }

    /// Adds a conductance within the current row across an axis.
    mutating func addInner(_ weight: Float, across axis: Axis) { rowInner[axis] += weight }

    /// Adds a conductance from the current row to a fixed face.
    mutating func addGround(_ weight: Float) { rowGround += weight }

    /// Ends the current row.
    mutating func endRow(cell: Cell) {
      entryCounts.append(Int32(columns.count - rowStart))
      cells.append(cell)
      inner.append(rowInner)
      grounds.append(rowGround)
      rowStart = columns.count
      rowInner = .zero
      rowGround = 0
    }
  }

  /// Conductance from a row to the fixed faces: what the diagonal has beyond its entries.
  func ground(ofRow row: Int) -> Float {
    guard inverseDiagonal[row] > 0 else { return 0 }
    let diagonal = 1 / inverseDiagonal[row]
    var sum: Float = 0
    for entry in entries(ofRow: row) { sum += weights[entry] }
    let rest = diagonal - sum
    return rest > 1e-5 * diagonal ? rest : 0
  }
}

extension SIMD3<Float> {
  fileprivate subscript(axis: Axis) -> Float {
    get {
      switch axis {
      case .z: z
      case .y: y
      case .x: x
      }
    }
    set {
      switch axis {
      case .z: z = newValue
      case .y: y = newValue
      case .x: x = newValue
      }
    }
  }
}

/// A conductance in series with half of the inner conductances on both sides; none stands for no
/// extent across the axis.
private func inSeries(_ weight: Float, _ first: Float, _ second: Float) -> Float {
  guard weight > 0 else { return 0 }
  var resistance = 1 / weight
  if first > 0 { resistance += 0.5 / first }
  if second > 0 { resistance += 0.5 / second }
  return max(1 / resistance, 0.5 * weight)
}
