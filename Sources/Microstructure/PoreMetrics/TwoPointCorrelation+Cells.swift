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
      tally.add(slice, z: block.core.lower.z, threads: resources.threads)
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

  /// Each bit moved `lag` places to lower x; what comes from beyond the row is zero.
  func shifted(by lag: Int) -> BitSlice {
    var result = self
    let (skip, shift) = (lag >> 6, UInt64(lag & 63))
    func moved(_ bits: [UInt64], _ line: Int, _ word: Int) -> UInt64 {
      guard word + skip < words else { return 0 }
      let low = bits[line + word + skip] >> shift
      guard shift > 0 && word + skip + 1 < words else { return low }
      return low | bits[line + word + skip + 1] << (64 - shift)
    }
    for line in stride(from: 0, to: phase.count, by: words) {
      for word in 0..<words {
        result.phase[line + word] = moved(phase, line, word)
        result.sample[line + word] = moved(sample, line, word)
      }
    }
    return result
  }
}

/// Pairs of voxels by cell and step, along each axis.
private struct PairTally {
  private let map: CellMap
  private let lags: Shape
  /// Pieces of the words of a row that lie in one cell.
  private let pieces: [(word: Int, mask: UInt64, cell: Int)]
  /// For each axis the pairs of phase and of sample, step by step, cell by cell.
  private var counts: [[SIMD2<Int>]] = []
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
      counts.append([SIMD2<Int>](repeating: .zero, count: (lags[axis] + 1) * map.count))
    }
  }

  /// Adds the pairs that end in a slice; each step is counted by itself.
  mutating func add(_ slice: BitSlice, z: Int, threads: Int) {
    ring.append(slice)
    if ring.count > lags.z + 1 { ring.removeFirst() }
    let (ring, map, pieces) = (ring, map, pieces)
    let stride = max(1, map.count)
    Parallel.forEachSlab(of: &counts[Axis.z.number], stride: stride, threads: threads) { lag, cells in
      guard lag < ring.count else { return }
      let first = ring[ring.count - 1 - lag]
      Self.count(first, slice, rowStep: 0, z: z - lag, map: map, pieces: pieces, into: &cells)
    }
    Parallel.forEachSlab(of: &counts[Axis.y.number], stride: stride, threads: threads) { lag, cells in
      Self.count(slice, slice, rowStep: lag, z: z, map: map, pieces: pieces, into: &cells)
    }
    Parallel.forEachSlab(of: &counts[Axis.x.number], stride: stride, threads: threads) { lag, cells in
      let second = slice.shifted(by: lag)
      Self.count(slice, second, rowStep: 0, z: z, map: map, pieces: pieces, into: &cells)
    }
  }

  /// Counts pairs of row y of the first slice and row y + `rowStep` of the second for the cells of the first.
  private static func count(
    _ first: BitSlice, _ second: BitSlice, rowStep: Int, z: Int, map: CellMap,
    pieces: [(word: Int, mask: UInt64, cell: Int)], into cells: inout MutableSpan<SIMD2<Int>>
  ) {
    let words = first.words
    for y in 0..<max(0, map.fine.shape.y - rowStep) {
      guard let row = map.row(z: z, y: y) else { continue }
      let (a, b) = (y * words, (y + rowStep) * words)
      for piece in pieces {
        let phase = first.phase[a + piece.word] & second.phase[b + piece.word] & piece.mask
        let sample = first.sample[a + piece.word] & second.sample[b + piece.word] & piece.mask
        cells[row + piece.cell] &+= SIMD2(phase.nonzeroBitCount, sample.nonzeroBitCount)
      }
    }
  }

  func lengths(along axis: Axis) -> CellField {
    var sums = [Double](repeating: 0, count: map.count)
    var weights = sums
    for cell in 0..<map.count {
      var values: [Double] = []
      for lag in 0...lags[axis] {
        let count = counts[axis.number][lag * map.count + cell]
        if count.y == 0 { break }
        values.append(Double(count.x) / Double(count.y))
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
