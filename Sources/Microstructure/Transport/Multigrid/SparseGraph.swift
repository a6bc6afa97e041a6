import Volumetry

/// A symmetric matrix of a coarse level as a weighted graph: row i is
/// `diagonal[i] x[i] - sum of weight * x[column]`.
struct SparseGraph: Sendable {
  /// Entries of row i are `offsets[i] ..< offsets[i + 1]`.
  private(set) var offsets: [Int32] = [0]
  private(set) var columns: [Int32] = []
  private(set) var weights: [Float] = []
  private(set) var inverseDiagonal: [Float] = []
  /// Cell of the lattice that each unknown lies in; dropped once the next level is built.
  var cells: [Cell] = []

  var count: Int { inverseDiagonal.count }
  var entryCount: Int { columns.count }

  func entries(ofRow row: Int) -> Range<Int> { Int(offsets[row])..<Int(offsets[row + 1]) }

  /// Joins pieces that hold consecutive rows.
  init(joining pieces: consuming [Piece]) {
    let rows = pieces.reduce(0) { $0 + $1.entryCounts.count }
    let entries = pieces.reduce(0) { $0 + $1.columns.count }
    offsets.reserveCapacity(rows + 1)
    columns.reserveCapacity(entries)
    weights.reserveCapacity(entries)
    inverseDiagonal.reserveCapacity(rows)
    cells.reserveCapacity(rows)
    var end: Int32 = 0
    for piece in pieces {
      for count in piece.entryCounts {
        end += count
        offsets.append(end)
      }
      columns.append(contentsOf: piece.columns)
      weights.append(contentsOf: piece.weights)
      inverseDiagonal.append(contentsOf: piece.inverseDiagonal)
      cells.append(contentsOf: piece.cells)
    }
  }

  /// Consecutive rows under construction.
  struct Piece: Sendable {
    fileprivate var entryCounts: [Int32] = []
    fileprivate var columns: [Int32] = []
    fileprivate var weights: [Float] = []
    fileprivate var inverseDiagonal: [Float] = []
    fileprivate var cells: [Cell] = []
    private var rowStart = 0
    private var ground: Float = 0

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

    /// Adds a conductance from the current row to a fixed face.
    mutating func addGround(_ weight: Float) { ground += weight }

    /// Ends the current row.
    mutating func endRow(cell: Cell) {
      var diagonal = ground
      for index in rowStart..<columns.count { diagonal += weights[index] }
      entryCounts.append(Int32(columns.count - rowStart))
      inverseDiagonal.append(diagonal > 0 ? 1 / diagonal : 0)
      cells.append(cell)
      rowStart = columns.count
      ground = 0
    }
  }

  /// Conductance from a row to the fixed faces: what the diagonal has beyond its entries.
  func ground(ofRow row: Int) -> Float {
    guard inverseDiagonal[row] > 0 else { return 0 }
    let diagonal = 1 / inverseDiagonal[row]
    let sum = entries(ofRow: row).reduce(Float(0)) { $0 + weights[$1] }
    let rest = diagonal - sum
    return rest > 1e-5 * diagonal ? rest : 0
  }
}
