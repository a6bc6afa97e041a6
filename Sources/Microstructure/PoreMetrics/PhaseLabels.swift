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

  /// Counts of phase and sample voxels for each cell.
  func counts(
    in map: CellMap, resources: Resources
  ) throws(VoxelithError) -> (phase: [Int], sample: [Int]) {
    let this = self
    let shape = grid.shape
    return try BlockStream.reduce(
      Block.slices(of: shape), stage: "porosity", resources: resources,
      into: (
        phase: [Int](repeating: 0, count: map.count), sample: [Int](repeating: 0, count: map.count)
      )
    ) { (block) throws(VoxelithError) -> [(Int, Int, Int)] in
      let z = block.core.lower.z
      let values = try this.labels.readLabels(block.core)
      let columns = map.columns
      var found: [(Int, Int, Int)] = []
      for y in 0..<shape.y {
        guard let row = map.row(z: z, y: y) else { continue }
        var cell = -2
        var pair = (0, 0)
        for x in 0..<shape.x {
          if columns[x] != cell {
            if cell >= 0 { found.append((row + cell, pair.0, pair.1)) }
            cell = columns[x]
            pair = (0, 0)
          }
          let label = values[y * shape.x + x]
          if label == this.phase { pair.0 += 1 }
          if this.isSample(label) { pair.1 += 1 }
        }
        if cell >= 0 { found.append((row + cell, pair.0, pair.1)) }
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
