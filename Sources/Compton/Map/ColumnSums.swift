/// Sums over the voxels behind each pixel of a row.
struct ColumnSums {
  /// Counts of the open column with what fills the last group of eight, and its voxels.
  private var counts: [Double] = []
  private var voxels = 0
  /// What voxels with spectra of their own expect.
  private var expected = CountSums.Group()
  private var hasExpected = false
  private var columns: [Column] = []
  private var closed = 0

  private struct Column {
    var group = 0
    var part = 0
    var bins = 0..<0
    var voxels = 0
    var counts: [Double] = []
    var expected: CountSums.Group?
  }

  /// Begins a row.
  ///
  /// - Parameters:
  ///   - pixels: of the row.
  ///   - parts: of the depth that a column may run through.
  mutating func clear(pixels: Int, parts: Int) {
    let most = pixels * parts
    if columns.count < most { columns = [Column](repeating: Column(), count: most) }
    closed = 0
  }

  /// Begins the sums of a column.
  mutating func open(_ bins: Range<Int>) {
    swap(&counts, &columns[closed].counts)
    let padded = (bins.count + 7) / 8 * 8
    if counts.count == padded {
      for bin in 0..<padded { counts[bin] = 0 }
    } else {
      counts = [Double](repeating: 0, count: padded)
    }
    voxels = 0
  }

  mutating func add(_ packed: Span<SIMD8<Float>>) {
    voxels += 1
    CountPacking.accumulate(packed, into: &counts)
  }

  mutating func addExpected(_ analyzer: VoxelAnalyzer, _ scratch: borrowing VoxelAnalyzer.Scratch) {
    if !hasExpected { expected = CountSums.Group() }
    hasExpected = true
    analyzer.addExpected(scratch, to: &expected)
  }

  /// Ends the open column, which belongs to a group of pixels and a part of the depth.
  mutating func close(_ group: Int, part: Int, bins: Range<Int>) {
    swap(&counts, &columns[closed].counts)
    columns[closed].group = group
    columns[closed].part = part
    columns[closed].bins = bins
    columns[closed].voxels = voxels
    columns[closed].expected = hasExpected ? expected : nil
    hasExpected = false
    closed += 1
  }

  func add(to sums: inout CountSums) {
    for column in columns[..<closed] where column.voxels > 0 {
      sums.add(
        column.counts.span, voxels: column.voxels, bins: column.bins, at: column.group, part: column.part)
      if let expected = column.expected {
        sums.add(expected: expected, at: column.group, part: column.part)
      }
    }
  }
}
