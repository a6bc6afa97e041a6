import Volumetry

/// The conductivity class of every voxel: one byte a voxel, all that is kept of the label volume.
///
/// The class fills the upper five bits. The lower three are free for the solver, which keeps there
/// the piece of a 2x2x2 block that the voxel belongs to (see ``FineAggregates``).
struct PhaseMap: Sendable {
  static let classShift: UInt8 = 3
  static let pieceMask: UInt8 = 0b111

  let grid: Grid
  let conductivity: Conductivity
  var cells: PagedArray<UInt8>
  /// Voxels of each class.
  let counts: [Int]
  /// Voxels without a label (NaN): they insulate.
  let missing: Int

  var shape: Shape { grid.shape }

  /// Reads the labels slab by slab.
  ///
  /// - Throws: `data` where no voxel carries a conducting label, or the labels are no labels; what
  ///   the source throws; `cancelled`.
  init(
    reading source: any VolumeSource, conductivity: Conductivity, memory: WorkingMemory, resources: Resources
  ) throws(VoxelithError) {
    let grid = source.grid
    try grid.validate(file: source.name)
    let shape = grid.shape
    let table = conductivity.classByLabel
    let plan = try BlockPlan(
      shape: Shape(z: shape.z, y: shape.y, x: shape.x), bytesPerVoxel: 8,
      memory: max(resources.memory / 8, 8 << 20), inFlight: resources.threads + 1,
      chunk: source.chunkShape, minimumBlocks: 4 * resources.threads)
    let cells = try PagedArray<UInt8>(repeating: 0, count: shape.count, in: memory)
    var counts = [Int](repeating: 0, count: conductivity.values.count + 1)
    var missing = 0
    try BlockStream.run(plan.blocks, stage: "read labels", resources: resources) {
      (block) throws(VoxelithError) in
      ClassBlock(labels: try source.readLabels(block.core), table: table)
    } consume: { (block, classes) throws(VoxelithError) in
      classes.paste(into: cells, at: block.core, of: shape)
      memory.touched(block.core.count)
      for index in counts.indices { counts[index] += classes.counts[index] }
      missing += classes.missing
    }
    guard counts.dropFirst().contains(where: { $0 > 0 }) else {
      let names = conductivity.phases.filter { $0.value > 0 }.keys.sorted().map { "\($0)" }
      throw VoxelithError(
        .data, "no voxel has the label \(names.joined(separator: " or "))", file: source.name,
        advice: "`voxelith inspect` lists the labels of a volume")
    }
    self.grid = grid
    self.conductivity = conductivity
    self.cells = cells
    self.counts = counts
    self.missing = missing
  }

  /// Relative diffusivity of each class.
  var valueByClass: [Double] { [0] + conductivity.values }

  /// Whether all conducting voxels have the same diffusivity.
  var isUniform: Bool { counts.dropFirst().count(where: { $0 > 0 }) == 1 }

  /// Share of the voxels that conduct.
  var porosity: Double { Double(counts.dropFirst().reduce(0, +)) / Double(shape.count) }

  /// Mean relative diffusivity over the box: what parallel layers would give.
  var meanDiffusivity: Double {
    let sum = zip(counts, valueByClass).reduce(0) { $0 + Double($1.0) * $1.1 }
    return sum / Double(shape.count)
  }
}

/// The classes of one box.
private struct ClassBlock: Sendable {
  var cells: [UInt8]
  var counts = [Int](repeating: 0, count: Conductivity.maximumClasses + 1)
  var missing = 0

  init(labels: [UInt32], table: LabelClasses) {
    cells = [UInt8](repeating: 0, count: labels.count)
    for index in labels.indices {
      let phase = table[labels[index]]
      cells[index] = phase << PhaseMap.classShift
      counts[Int(phase)] += 1
      if labels[index] == Labels.missing { missing += 1 }
    }
  }

  func paste(into whole: PagedArray<UInt8>, at region: Region, of shape: Shape) {
    var source = 0
    var whole = whole.mutableSpan
    for z in region.z {
      for y in region.y {
        let start = shape.index(z: z, y: y, x: region.x.lowerBound)
        for x in 0..<region.shape.x { whole[start + x] = cells[source + x] }
        source += region.shape.x
      }
    }
  }
}
