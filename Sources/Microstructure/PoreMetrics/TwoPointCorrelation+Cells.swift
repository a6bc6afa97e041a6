public import Volumetry

extension TwoPointCorrelation {
  /// Correlation length along each axis in each cell of a coarser grid, in micrometres, as
  /// ``TwoPointCorrelation/lengths`` is for the whole; NaN where a cell holds no sample, or nothing but
  /// the phase, or none of it.
  ///
  /// A pair belongs to the cell of its first voxel; the second may lie in the next cell. Slices are read
  /// once and kept as bits as long as pairs reach back to them.
  ///
  /// - Parameters:
  ///   - reach: longest distance in micrometres; as ``measure(_:reach:resources:)`` where nil.
  /// - Throws: `usage` where the reach is not positive, or the cells' counts do not fit the memory budget.
  public static func lengthFields(
    _ phase: PhaseLabels, cells map: CellMap, reach: Double? = nil, resources: Resources = Resources()
  ) throws(VoxelithError) -> [Axis: CellField] {
    let (_, lags) = try steps(reach, on: phase.grid)
    let needed = map.count * (lags.z + lags.y + lags.x + 3) * 16
    guard needed <= resources.memory else {
      throw VoxelithError(
        .usage, "the correlation in \(map.count) cells needs \(needed / 1_000_000 + 1) MB",
        file: phase.labels.name, advice: "raise --memory, or choose larger cells or a shorter reach")
    }
    let shape = phase.grid.shape
    var tally = PairTally(map: map, lags: lags)
    try BlockStream.run(Block.slices(of: shape), stage: "correlation", resources: resources) {
      (block) throws(VoxelithError) in
      BitSlice(try phase.labels.readLabels(block.core), phase: phase)
    } consume: { (block, slice) throws(VoxelithError) in
      tally.add(slice, z: block.core.lower.z)
    }
    var fields: [Axis: CellField] = [:]
    for axis in Axis.allCases { fields[axis] = tally.lengths(along: axis) }
    return fields
  }
}

/// One slice as bits, row by row: voxels of the phase, and of the sample.
private struct BitSlice: Sendable {
  let words: Int
  private(set) var phase: [UInt64]
  private(set) var sample: [UInt64]

  init(_ labels: [UInt16], phase wanted: PhaseLabels) {
    let shape = wanted.grid.shape
    words = (shape.x + 63) / 64
    phase = [UInt64](repeating: 0, count: shape.y * words)
    sample = phase
    for y in 0..<shape.y {
      for x in 0..<shape.x {
        let label = labels[y * shape.x + x]
        let bit: UInt64 = 1 << UInt64(x & 63)
        if label == wanted.phase { phase[y * words + x >> 6] |= bit }
        if label != wanted.outside { sample[y * words + x >> 6] |= bit }
      }
    }
  }
}

/// Pairs of voxels by cell and step, along each axis.
private struct PairTally {
  private let map: CellMap
  private let lags: Shape
  /// Pieces of the words of a row that lie in one cell.
  private let pieces: [(word: Int, mask: UInt64, cell: Int)]
  /// For each axis the pairs of phase and sample, step by step, cell by cell.
  private var pairs: [[Int]] = []
  private var all: [[Int]] = []
  private var ring: [BitSlice] = []

  init(map: CellMap, lags: Shape) {
    self.map = map
    self.lags = lags
    var pieces: [(word: Int, mask: UInt64, cell: Int)] = []
    for (x, cell) in map.columns.enumerated() where cell >= 0 {
      let bit: UInt64 = 1 << UInt64(x & 63)
      if let last = pieces.last, last.word == x >> 6, last.cell == cell {
        pieces[pieces.count - 1].mask |= bit
      } else {
        pieces.append((x >> 6, bit, cell))
      }
    }
    self.pieces = pieces
    for axis in Axis.allCases {
      pairs.append([Int](repeating: 0, count: (lags[axis] + 1) * map.count))
    }
    all = pairs
  }

  mutating func add(_ slice: BitSlice, z: Int) {
    ring.append(slice)
    if ring.count > lags.z + 1 { ring.removeFirst() }
    let words = slice.words
    for y in 0..<map.fine.shape.y {
      for lag in 0...min(lags.z, z) {
        count(ring[ring.count - 1 - lag], slice, z: z - lag, y: y, .z, lag) { y * words + $0 }
      }
      for lag in 0...min(lags.y, y) {
        count(slice, slice, z: z, y: y - lag, .y, lag) { y * words + $0 }
      }
      for lag in 0...lags.x { countAlongRow(slice, z: z, y: y, lag) }
    }
  }

  private mutating func count(
    _ first: BitSlice, _ second: BitSlice, z: Int, y: Int, _ axis: Axis, _ lag: Int, _ place: (Int) -> Int
  ) {
    guard let row = map.row(z: z, y: y) else { return }
    let start = lag * map.count + row
    let line = y * first.words
    for piece in pieces {
      let (a, b) = (line + piece.word, place(piece.word))
      pairs[axis.number][start + piece.cell] +=
        (first.phase[a] & second.phase[b] & piece.mask).nonzeroBitCount
      all[axis.number][start + piece.cell] +=
        (first.sample[a] & second.sample[b] & piece.mask).nonzeroBitCount
    }
  }

  private mutating func countAlongRow(_ slice: BitSlice, z: Int, y: Int, _ lag: Int) {
    guard let row = map.row(z: z, y: y) else { return }
    let start = lag * map.count + row
    let line = y * slice.words
    let (skip, shift) = (lag >> 6, UInt64(lag & 63))
    func shifted(_ bits: [UInt64], _ word: Int) -> UInt64 {
      guard word + skip < slice.words else { return 0 }
      let low = bits[line + word + skip] >> shift
      guard shift > 0 && word + skip + 1 < slice.words else { return low }
      return low | bits[line + word + skip + 1] << (64 - shift)
    }
    for piece in pieces {
      let phase = slice.phase[line + piece.word] & shifted(slice.phase, piece.word) & piece.mask
      let sample = slice.sample[line + piece.word] & shifted(slice.sample, piece.word) & piece.mask
      pairs[2][start + piece.cell] += phase.nonzeroBitCount
      all[2][start + piece.cell] += sample.nonzeroBitCount
    }
  }

  func lengths(along axis: Axis) -> CellField {
    var sums = [Double](repeating: 0, count: map.count)
    var weights = sums
    for cell in 0..<map.count {
      var values: [Double] = []
      for lag in 0...lags[axis] {
        let total = all[axis.number][lag * map.count + cell]
        if total == 0 { break }
        values.append(Double(pairs[axis.number][lag * map.count + cell]) / Double(total))
      }
      guard let fraction = values.first, let length = TwoPointCorrelation.length(values, fraction) else {
        continue
      }
      sums[cell] = length * map.fine.spacing(along: axis)
      weights[cell] = 1
    }
    return CellField(grid: map.coarse, sums: sums, weights: weights)
  }
}
