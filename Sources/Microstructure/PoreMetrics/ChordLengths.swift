public import Volumetry

/// Lengths of the straight runs of a phase along each axis. Chords that end at the border of the
/// volume or of the sample are cut, and so do not count.
public struct ChordLengths: Sendable, Hashable, Codable {
  /// Chords along one axis.
  public struct Along: Sendable, Hashable, Codable {
    /// Number of chords of 1, 2, 3, ... voxels.
    public let counts: [Int]
    public let voxelSize: Double
    /// Mean length in micrometres; missing where there is no chord.
    public let mean: Double?
    /// Mean length seen from a random point in the phase: weighted by length.
    public let meanByVolume: Double?

    enum CodingKeys: String, CodingKey {
      case counts
      case voxelSize = "voxel_size_um"
      case mean = "mean_um"
      case meanByVolume = "volume_weighted_mean_um"
    }

    init(counts: [Int], voxelSize: Double) {
      let last = counts.lastIndex { $0 > 0 } ?? 0
      self.counts = counts.isEmpty ? [] : Array(counts[...last].dropFirst())
      self.voxelSize = voxelSize
      var sums = (0.0, 0.0, 0.0)
      for (length, number) in counts.enumerated() {
        let n = Double(number)
        let l = Double(length)
        sums = (sums.0 + n, sums.1 + n * l, sums.2 + n * l * l)
      }
      mean = sums.0 > 0 ? sums.1 / sums.0 * voxelSize : nil
      meanByVolume = sums.1 > 0 ? sums.2 / sums.1 * voxelSize : nil
    }
  }

  public let x: Along
  public let y: Along
  public let z: Along

  public static func measure(
    _ phase: PhaseLabels, resources: Resources = Resources()
  ) throws(VoxelithError) -> ChordLengths {
    try gather(phase, cells: CellMap(whole: phase.grid), resources: resources).total
  }

  /// Mean chord length along an axis in each cell of a coarser grid, in micrometres: of the chords
  /// whose middle lies in the cell.
  public static func fields(
    _ phase: PhaseLabels, cells map: CellMap, resources: Resources = Resources()
  ) throws(VoxelithError) -> [Axis: CellField] {
    try gather(phase, cells: map, resources: resources).fields
  }

  private static func gather(
    _ phase: PhaseLabels, cells map: CellMap, resources: Resources
  ) throws(VoxelithError) -> (total: ChordLengths, fields: [Axis: CellField]) {
    let shape = phase.grid.shape
    var tallies = Axis.allCases.map { ChordTally(length: shape[$0], cells: map.count) }
    var columns = [ChordRun](repeating: ChordRun(), count: shape.y * shape.x)
    try BlockStream.run(Block.slices(of: shape), stage: "chords", resources: resources) {
      (block) throws(VoxelithError) in
      let labels = try phase.labels.readLabels(block.core)
      return ChordSlice(labels, z: block.core.lower.z, phase: phase, map: map)
    } consume: { (block, slice) throws(VoxelithError) in
      let z = block.core.lower.z
      tallies[1].merge(slice.y)
      tallies[2].merge(slice.x)
      for i in columns.indices {
        guard let length = columns[i].step(slice.kinds[i], at: z) else { continue }
        tallies[0].add(
          length, cell: map.cell(z: z - 1 - length / 2, y: i / shape.x, x: i % shape.x))
      }
    }
    func along(_ axis: Axis) -> Along {
      Along(counts: tallies[axis.number].counts, voxelSize: phase.grid.spacing(along: axis))
    }
    var fields: [Axis: CellField] = [:]
    for axis in Axis.allCases {
      fields[axis] = tallies[axis.number].field(
        grid: map.coarse, voxelSize: phase.grid.spacing(along: axis))
    }
    return (ChordLengths(x: along(.x), y: along(.y), z: along(.z)), fields)
  }
}

/// Chords by length and by cell.
struct ChordTally: Sendable {
  var counts: [Int]
  private var lengths: [Int]
  private var numbers: [Int]

  init(length: Int, cells: Int) {
    counts = [Int](repeating: 0, count: length + 1)
    lengths = [Int](repeating: 0, count: cells)
    numbers = lengths
  }

  mutating func add(_ length: Int, cell: Int?) {
    counts[length] += 1
    guard let cell else { return }
    lengths[cell] += length
    numbers[cell] += 1
  }

  mutating func merge(_ chords: [(length: Int, cell: Int?)]) {
    for chord in chords { add(chord.length, cell: chord.cell) }
  }

  func field(grid: Grid, voxelSize: Double) -> CellField {
    CellField(
      grid: grid, sums: lengths.map { Double($0) * voxelSize }, weights: numbers.map(Double.init))
  }
}

/// What a voxel is to a chord.
enum ChordKind: UInt8, Sendable {
  case phase, other, outside
}

/// The chord that a line of voxels is in.
struct ChordRun: Sendable {
  private var start = -1
  private var isWhole = false
  private var previous = ChordKind.outside

  /// Takes the next voxel of the line; answers the length of the chord that it ends, if whole.
  mutating func step(_ kind: ChordKind, at position: Int) -> Int? {
    defer { previous = kind }
    guard kind != previous else { return nil }
    if kind == .phase {
      start = position
      isWhole = previous == .other
      return nil
    }
    return previous == .phase && isWhole && kind == .other ? position - start : nil
  }
}

/// Chords of one slice along x and y.
private struct ChordSlice: Sendable {
  let kinds: [ChordKind]
  var x: [(length: Int, cell: Int?)] = []
  var y: [(length: Int, cell: Int?)] = []

  init(_ labels: [UInt32], z: Int, phase: PhaseLabels, map: CellMap) {
    let shape = phase.grid.shape
    kinds = labels.map { $0 == phase.phase ? .phase : phase.isSample($0) ? .other : .outside }
    var columns = [ChordRun](repeating: ChordRun(), count: shape.x)
    for row in 0..<shape.y {
      var line = ChordRun()
      for column in 0..<shape.x {
        let kind = kinds[row * shape.x + column]
        if let length = line.step(kind, at: column) {
          x.append((length, map.cell(z: z, y: row, x: column - 1 - length / 2)))
        }
        if let length = columns[column].step(kind, at: row) {
          y.append((length, map.cell(z: z, y: row - 1 - length / 2, x: column)))
        }
      }
    }
  }
}
