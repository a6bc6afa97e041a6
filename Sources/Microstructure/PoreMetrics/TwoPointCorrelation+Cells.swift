public import Volumetry

extension TwoPointCorrelation {
  /// Correlation length along each axis in each cell of a coarser grid, in micrometres, as
  /// ``TwoPointCorrelation/lengths`` is for the whole; NaN where a cell holds no sample, or nothing but
  /// the phase, or none of it.
  ///
  /// A pair belongs to the cell of its first voxel; the second may lie in the next cell. Slices are read
  /// once and kept as bits as long as pairs reach back to them, and so are the counts of their layers of cells.
  ///
  /// - Parameters:
  ///   - reach: longest distance in micrometres; as ``measure(_:reach:resources:)`` where nil.
  /// - Throws: `usage` where the reach is not positive, or the counts of the layers of cells within reach of each other do
  ///   not fit the memory budget.
  public static func lengthFields(
    _ phase: PhaseLabels, cells map: CellMap, reach: Double? = nil, resources: Resources = Resources()
  ) throws(VoxelithError) -> [Axis: CellField] {
    let (lags, layers) = try checkFields(phase, cells: map, reach: reach, resources: resources)
    let shape = phase.grid.shape
    var tally = PairTally(map: map, lags: lags, layers: layers)
    try BlockStream.run(Block.slices(of: shape), stage: "correlation", resources: resources) {
      (block) throws(VoxelithError) in
      BitSlice(try phase.labels.readLabels(block.core), phase: phase)
    } consume: { (block, slice) throws(VoxelithError) in
      tally.add(slice, z: block.core.lower.z, threads: resources.threads)
    }
    return tally.finish()
  }
}

extension TwoPointCorrelation {
  /// What ``lengthFields(_:cells:reach:resources:)`` refuses, without reading a voxel.
  ///
  /// - Returns: steps along each axis, and the layers of cells that are held at a time.
  @discardableResult
  public static func checkFields(
    _ phase: PhaseLabels, cells map: CellMap, reach: Double? = nil, resources: Resources
  ) throws(VoxelithError) -> (lags: Shape, layers: Int) {
    let (_, lags) = try steps(reach, on: phase.grid)
    let layers = map.layersWithin(lags.z)
    let cells = layers * map.coarse.shape.y * map.coarse.shape.x
    let needed = cells * (lags.z + lags.y + lags.x + 3) * MemoryLayout<SIMD2<Int>>.stride
    guard needed <= resources.memory / 4 * 3 else {
      throw VoxelithError(
        .usage, "the correlation in \(cells) cells at a time needs \(needed / 1_000_000 + 1) MB",
        file: phase.labels.name, advice: "raise --memory, or choose larger cells or a shorter reach")
    }
    return (lags, layers)
  }
}

/// One slice as bits, row by row: voxels of the phase, and of the sample.
private struct BitSlice: Sendable {
  let words: Int
  private(set) var phase: [UInt64]
  private(set) var sample: [UInt64]

  init(_ labels: [UInt32], phase wanted: PhaseLabels) {
    let shape = wanted.grid.shape
    words = (shape.x + 63) / 64
    phase = [UInt64](repeating: 0, count: shape.y * words)
    sample = phase
    for y in 0..<shape.y {
      for x in 0..<shape.x {
        let label = labels[y * shape.x + x]
        let bit: UInt64 = 1 << UInt64(x & 63)
        if label == wanted.phase { phase[y * words + x >> 6] |= bit }
        if wanted.isSample(label) { sample[y * words + x >> 6] |= bit }
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

extension CellMap {
  /// How many layers of cells so many slices and the one after them reach into at most.
  fileprivate func layersWithin(_ slices: Int) -> Int {
    var most = 1
    var first = 0
    for z in 0..<fine.shape.z {
      guard let layer = layer(z: z) else { continue }
      while first < z - slices || self.layer(z: first) == nil { first += 1 }
      most = max(most, layer - (self.layer(z: first) ?? layer) + 1)
    }
    return most
  }
}

/// Pairs of voxels by cell and step, along each axis.
///
/// Counts are held for the layers of cells that further pairs may belong to, in a ring: layer `n` has slot `n` modulo
/// their number.
private struct PairTally {
  private let map: CellMap
  private let lags: Shape
  /// Pieces of the words of a row that lie in one cell.
  private let pieces: [(word: Int, mask: UInt64, cell: Int)]
  /// For each axis the pairs of phase and of sample, step by step, cell by cell of the ring.
  private var counts: [[SIMD2<Int>]] = []
  private var ring: [BitSlice] = []
  private let layers: Int
  /// The first layer whose counts are held.
  private var open = 0
  private var sums: [[Double]]
  private var weights: [[Double]]

  init(map: CellMap, lags: Shape, layers: Int) {
    self.map = map
    self.lags = lags
    self.layers = layers
    let none = [Double](repeating: 0, count: map.count)
    sums = Axis.allCases.map { _ in none }
    weights = sums
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
      counts.append([SIMD2<Int>](repeating: .zero, count: (lags[axis] + 1) * layers * layerSize))
    }
  }

  private var layerSize: Int { map.coarse.shape.y * map.coarse.shape.x }

  /// Adds the pairs that end in a slice; each step is counted by itself.
  mutating func add(_ slice: BitSlice, z: Int, threads: Int) {
    ring.append(slice)
    if ring.count > lags.z + 1 { ring.removeFirst() }
    let (ring, map, pieces, layers) = (ring, map, pieces, layers)
    let stride = max(1, layers * layerSize)
    Parallel.forEachSlab(of: &counts[Axis.z.number], stride: stride, threads: threads) { lag, cells in
      guard lag < ring.count else { return }
      let first = ring[ring.count - 1 - lag]
      Self.count(first, slice, rowStep: 0, z: z - lag, map: map, layers: layers, pieces: pieces, into: &cells)
    }
    Parallel.forEachSlab(of: &counts[Axis.y.number], stride: stride, threads: threads) { lag, cells in
      Self.count(slice, slice, rowStep: lag, z: z, map: map, layers: layers, pieces: pieces, into: &cells)
    }
    Parallel.forEachSlab(of: &counts[Axis.x.number], stride: stride, threads: threads) { lag, cells in
      let second = slice.shifted(by: lag)
      Self.count(slice, second, rowStep: 0, z: z, map: map, layers: layers, pieces: pieces, into: &cells)
    }
    let next = z + 1 - lags.z
    if next >= 0, next < map.fine.shape.z, let layer = map.layer(z: next) { close(before: layer) }
  }

  /// Counts pairs of row y of the first slice and row y + `rowStep` of the second for the cells of the first.
  private static func count(
    _ first: BitSlice, _ second: BitSlice, rowStep: Int, z: Int, map: CellMap, layers: Int,
    pieces: [(word: Int, mask: UInt64, cell: Int)], into cells: inout MutableSpan<SIMD2<Int>>
  ) {
    let words = first.words
    guard let layer = map.layer(z: z) else { return }
    let size = map.coarse.shape.y * map.coarse.shape.x
    let moved = (layer % layers - layer) * size
    for y in 0..<max(0, map.fine.shape.y - rowStep) {
      guard let row = map.row(z: z, y: y) else { continue }
      let (a, b) = (y * words, (y + rowStep) * words)
      for piece in pieces {
        let phase = first.phase[a + piece.word] & second.phase[b + piece.word] & piece.mask
        let sample = first.sample[a + piece.word] & second.sample[b + piece.word] & piece.mask
        cells[row + moved + piece.cell] &+= SIMD2(phase.nonzeroBitCount, sample.nonzeroBitCount)
      }
    }
  }

  /// The correlation lengths, when all slices have been added.
  mutating func finish() -> [Axis: CellField] {
    close(before: map.coarse.shape.z)
    var fields: [Axis: CellField] = [:]
    for axis in Axis.allCases {
      fields[axis] = CellField(grid: map.coarse, sums: sums[axis.number], weights: weights[axis.number])
    }
    return fields
  }

  /// Makes lengths of the counts of all open layers before one, and forgets the counts.
  private mutating func close(before layer: Int) {
    while open < layer {
      let slot = open % layers * layerSize
      for axis in Axis.allCases where map.fine.extends(along: axis) {
        for cell in 0..<layerSize {
          let length = takeLength(along: axis, at: slot + cell)
          guard let length else { continue }
          sums[axis.number][open * layerSize + cell] = length * map.fine.spacing(along: axis)
          weights[axis.number][open * layerSize + cell] = 1
        }
      }
      open += 1
    }
  }

  private mutating func takeLength(along axis: Axis, at place: Int) -> Double? {
    var values: [Double] = []
    var isOver = false
    for lag in 0...lags[axis] {
      let at = lag * layers * layerSize + place
      let count = counts[axis.number][at]
      counts[axis.number][at] = .zero
      isOver = isOver || count.y == 0
      if !isOver { values.append(Double(count.x) / Double(count.y)) }
    }
    return values.first.flatMap { TwoPointCorrelation.length(values, $0) }
  }
}
