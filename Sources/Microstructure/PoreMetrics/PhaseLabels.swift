public import Volumetry

/// A phase of a label volume: what every pore metric is asked about.
public struct PhaseLabels: Sendable {
  public let labels: any VolumeSource
  public let phase: UInt32
  /// Label of voxels outside the sample; nil where all voxels with a label belong to it.
  public let outside: UInt32?

  public init(_ labels: any VolumeSource, phase: UInt32, outside: UInt32? = nil) {
    self.labels = labels
    self.phase = phase
    self.outside = outside
  }

  public var grid: Grid { labels.grid }

  /// Whether a voxel of this label belongs to the sample. One without a label does not.
  @inline(__always)
  func isSample(_ label: UInt32) -> Bool { label != outside && label != Labels.missing }

  /// Voxels of the phase and of the sample.
  private func count(_ labels: Span<UInt32>) -> (phase: Int, sample: Int) {
    // Of the width of a label, so that the compiler makes vectors of the loop.
    var phase: UInt32 = 0
    var absent: UInt32 = 0
    let (wanted, outside) = (self.phase, outside ?? Labels.missing)
    for i in labels.indices {
      let label = labels[i]
      phase &+= label == wanted ? 1 : 0
      absent &+= (label == outside ? 1 : 0) | (label == Labels.missing ? 1 : 0)
    }
    return (Int(phase), labels.count - Int(absent))
  }

  /// Counts of phase and sample voxels for each cell.
  func counts(
    in map: CellMap, resources: Resources
  ) throws(VoxelithError) -> (phase: [Int], sample: [Int]) {
    let this = self
    let shape = grid.shape
    // Neighbouring voxels of a row that lie in one column of cells.
    var runs: [(cell: Int, columns: Range<Int>)] = []
    for (x, cell) in map.columns.enumerated() where cell >= 0 {
      if let last = runs.last, last.cell == cell, last.columns.upperBound == x {
        runs[runs.count - 1].columns = last.columns.lowerBound..<(x + 1)
      } else {
        runs.append((cell, x..<(x + 1)))
      }
    }
    let spans = runs
    return try BlockStream.reduce(
      Block.slices(of: shape), stage: "porosity", resources: resources,
      into: (
        phase: [Int](repeating: 0, count: map.count), sample: [Int](repeating: 0, count: map.count)
      )
    ) { (block) throws(VoxelithError) -> [(Int, Int, Int)] in
      let z = block.core.lower.z
      let values = try this.labels.readLabels(block.core)
      var found: [(Int, Int, Int)] = []
      for y in 0..<shape.y {
        guard let row = map.row(z: z, y: y) else { continue }
        for run in spans {
          let first = y * shape.x + run.columns.lowerBound
          let pair = this.count(values.span.extracting(first..<(first + run.columns.count)))
          found.append((row + run.cell, pair.phase, pair.sample))
        }
      }
      return found
    } combine: { total, part in
      for (cell, phase, sample) in part {
        total.phase[cell] += phase
        total.sample[cell] += sample
      }
    }
  }
}
